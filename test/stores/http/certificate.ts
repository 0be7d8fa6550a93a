/** A key for tests alone: of no use anywhere else. */
export const KEY = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg6Jgz9+2p4XZ/1Xjx
pPq1fhA7CiUWdDkBLRe5s2+pdSahRANCAAQBvgaEqfwe323WIMhHvqZAxc+XGYxP
U2bzvan29cxArc4py2upd3FNpYm9X/5QbQOq/N93MrvFDgXGfj64DW3b
-----END PRIVATE KEY-----`

/** Its certificate, for localhost, signed by itself, good for a hundred years. */
export const CERTIFICATE = `-----BEGIN CERTIFICATE-----
MIIBljCCATugAwIBAgIUXBgussBScgKuCDvKX7eSR7wxaGUwCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyMTA3MjEyOVoYDzIxMjYxMDI4
MDcyMTI5WjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAAQBvgaEqfwe323WIMhHvqZAxc+XGYxPU2bzvan29cxArc4py2upd3FN
pYm9X/5QbQOq/N93MrvFDgXGfj64DW3bo2kwZzAdBgNVHQ4EFgQUHrpvcndmpVIs
4k/ekf88RFescgowHwYDVR0jBBgwFoAUHrpvcndmpVIs4k/ekf88RFescgowDwYD
VR0TAQH/BAUwAwEB/zAUBgNVHREEDTALgglsb2NhbGhvc3QwCgYIKoZIzj0EAwID
SQAwRgIhAOiTBbUUmACiLpNtVjyeiBv+I3Mmf89h4lCREWPa+KmUAiEA4B3Ro8DG
oyKh2iAg4FNDF4FpHfTO1eALvww5FJ8Jp6A=
-----END CERTIFICATE-----`
