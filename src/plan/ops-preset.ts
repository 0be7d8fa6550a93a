/** Name of the preset that operations without a preset make. Users do not know it. */
export const OPS_PRESET = 'ops'
