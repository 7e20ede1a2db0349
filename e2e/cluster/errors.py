"""What goes wrong while a cluster is brought up, in words for the person at the terminal."""


class ClusterError(RuntimeError):
    """The cluster or one of its programs did not do what was asked; the message says which and what to try."""


class ProgramUnavailableError(ClusterError):
    """A program is not on this machine and none of its sources could give it; the message lists what was tried."""


class SourceUnavailableError(ClusterError):
    """One source (a release page, a package mirror, the Go build) cannot give a program; the next is tried."""
