"""The sources of images, a kind a module: what is put here is found."""
