"""Decodes pictures by Pillow: reads lines "SOURCE<tab>TARGET" and writes the first frame as a PAM file of RGBA, 8 bits.

Prints the source of each picture that was decoded without an error or a warning.
"""
import sys
import warnings

from PIL import Image

warnings.simplefilter("error")


def to_rgba(image):
    if image.mode in ("I;16", "I;16B", "I;16L", "I;16N"):
        image = image.convert("I")
    if image.mode == "I":
        image = image.point(lambda value: value / 257).convert("L")
    if image.mode == "F":
        image = image.point(lambda value: value * 255 + 0.5).convert("L")
    if image.mode in ("LAB", "CMYK", "YCbCr"):
        raise ValueError("colours need a profile")
    return image.convert("RGBA")


for line in sys.stdin:
    source, target = line.rstrip("\n").split("\t")
    try:
        with Image.open(source) as opened:
            rgba = to_rgba(opened)
        head = f"P7\nWIDTH {rgba.width}\nHEIGHT {rgba.height}\nDEPTH 4\nMAXVAL 255\nTUPLTYPE RGB_ALPHA\nENDHDR\n"
        with open(target, "wb") as out:
            out.write(head.encode() + rgba.tobytes())
        print(source, flush=True)
    except Exception as error:
        print(f"{source}: {error}", file=sys.stderr)
