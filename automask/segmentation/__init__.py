"""Pure functions from a picture and a hint of where to look to a mask that follows its edges.

Superpixels and what stands out among them, GrabCut on a reduced copy, the cells that edge lines
make, and a mask's border moved to the picture's own edges. Everything here works on arrays and
keeps no state: the result depends on the input alone, in any thread.
"""
