"""Filling a hole in a picture from the picture itself, without a model.

Diffusion (`cv2.inpaint`) grows the colours of the border inwards: right for scratches, lettering
and other thin holes, a smear in wide ones. Patches (`automask.inpaint.patches`) continue the
texture around the hole. Large holes are filled at a reduced size and their detail is brought back.
"""

from automask.inpaint.fill import METHODS, fill, widened

__all__ = ["METHODS", "fill", "widened"]
