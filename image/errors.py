"""What can keep an image from being built."""


class ImageError(Exception):
    """The image cannot be built; the message says why and what to do."""
