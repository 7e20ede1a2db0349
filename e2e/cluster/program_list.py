"""The programs of the cluster: one pinned version of each, and where each can come from."""

from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

KUBERNETES: Final = "1.36.3"
_STAMP: Final = "k8s.io/component-base/version"
_KUBERNETES_FLAGS: Final = (
    f"-s -w -X {_STAMP}.gitVersion=v{KUBERNETES} "
    f"-X {_STAMP}.gitMajor={KUBERNETES.split('.')[0]} -X {_STAMP}.gitMinor={KUBERNETES.split('.')[1]}"
)


@dataclass(frozen=True)
class Release:
    """A published binary; ``{arch}`` stands for the machine's architecture in Go's terms (amd64, arm64).

    Attributes:
        url: the binary, or a .tar.gz holding it.
        checksum_url: a list of sha256 sums, or the bare sum.
        member: the path of the binary inside the archive; None when ``url`` is the binary itself.
    """

    url: str
    checksum_url: str
    member: str | None = None


@dataclass(frozen=True)
class Companion:
    """Files of a program's Go module that it needs at run time, joined into one YAML file beside the binary.

    Attributes:
        suffix: appended to the binary's file name.
        module: the Go module that holds the files.
        patterns: globs inside that module, in the order wanted.
    """

    suffix: str
    module: str
    patterns: tuple[str, ...]


@dataclass(frozen=True)
class GoBuild:
    """How to build a program from one of the Go modules beside this file.

    Attributes:
        module: the folder holding go.mod.
        package: the main package.
        about: how long a build takes with an empty build cache on two cores, for the progress line.
        ldflags: linker flags; the Kubernetes programs carry their version in them.
        tags: build tags, comma separated.
    """

    module: str
    package: str
    about: str
    ldflags: str = "-s -w"
    tags: str = ""


@dataclass(frozen=True)
class Program:
    """One program: its version here, the oldest version accepted from elsewhere, and its sources.

    Attributes:
        name: the name of the command.
        version: the version that is downloaded or built.
        go: the Go build.
        minimum: (major, minor) accepted from the PATH or KUBEBUILDER_ASSETS; None: only this version will do.
        version_command: the arguments that print the version.
        in_kubebuilder_assets: whether the folder named by KUBEBUILDER_ASSETS may hold it.
        release: the published binary, if there is one.
        debian_package: the Debian package whose /usr/bin/NAME will do, if there is one.
        companion: what must lie beside the binary.
    """

    name: str
    version: str
    go: GoBuild
    minimum: tuple[int, int] | None = None
    version_command: tuple[str, ...] = ("--version",)
    in_kubebuilder_assets: bool = False
    release: Release | None = None
    debian_package: str | None = None
    companion: Companion | None = None

    @property
    def variable(self) -> str:
        """The environment variable that names the program's file: LIVECOST_KUBE_APISERVER for kube-apiserver."""
        return "LIVECOST_" + self.name.upper().replace("-", "_")


def _kubernetes_release(name: str) -> Release:
    url = f"https://dl.k8s.io/release/v{KUBERNETES}/bin/linux/{{arch}}/{name}"
    return Release(url=url, checksum_url=url + ".sha256")


def _of_prometheus(name: str, build_time: str) -> Program:
    version = "3.11.3"
    release = f"https://github.com/prometheus/prometheus/releases/download/v{version}/"
    return Program(
        name=name,
        version=version,
        go=GoBuild(
            "prometheus",
            f"github.com/prometheus/prometheus/cmd/{name}",
            build_time,
            f"-s -w -X github.com/prometheus/common/version.Version={version}",
            tags="remove_all_sd",
        ),
        minimum=(2, 40),
        release=Release(
            url=f"{release}prometheus-{version}.linux-{{arch}}.tar.gz",
            checksum_url=f"{release}sha256sums.txt",
            member=f"prometheus-{version}.linux-{{arch}}/{name}",
        ),
        debian_package="prometheus",
    )


def _of_cluster_api(name: str, module: str, folder: str, build_time: str) -> Program:
    manifests = (f"{folder}/config/crd/bases/*.yaml", f"{folder}/config/webhook/manifests.yaml")
    return Program(
        name=name,
        version="1.14.2",
        go=GoBuild("cluster-api", f"{module}/{folder}", build_time),
        companion=Companion("manifests.yaml", module, manifests),
    )


_HELM: Final = "helm.sh/helm/v4/internal/version"
_ETCD_RELEASE = "https://github.com/etcd-io/etcd/releases/download/v3.7.3/"
_LIVEKIT_RELEASE = "https://github.com/livekit/livekit/releases/download/v1.13.3/"

_ALL = (
    Program(
        name="etcd",
        version="3.7.3",
        go=GoBuild("programs", "go.etcd.io/etcd/server/v3", "12 seconds"),
        minimum=(3, 5),
        in_kubebuilder_assets=True,
        release=Release(
            url=_ETCD_RELEASE + "etcd-v3.7.3-linux-{arch}.tar.gz",
            checksum_url=_ETCD_RELEASE + "SHA256SUMS",
            member="etcd-v3.7.3-linux-{arch}/etcd",
        ),
    ),
    Program(
        name="kube-apiserver",
        version=KUBERNETES,
        go=GoBuild("programs", "k8s.io/kubernetes/cmd/kube-apiserver", "5 minutes", _KUBERNETES_FLAGS),
        minimum=(1, 36),
        in_kubebuilder_assets=True,
        release=_kubernetes_release("kube-apiserver"),
    ),
    Program(
        name="kube-controller-manager",
        version=KUBERNETES,
        go=GoBuild("programs", "k8s.io/kubernetes/cmd/kube-controller-manager", "75 seconds", _KUBERNETES_FLAGS),
        release=_kubernetes_release("kube-controller-manager"),
    ),
    Program(
        name="kubectl",
        version=KUBERNETES,
        go=GoBuild("programs", "k8s.io/kubernetes/cmd/kubectl", "20 seconds", _KUBERNETES_FLAGS),
        # kubectl may be one minor version away from the API server.
        minimum=(1, 35),
        version_command=("version", "--client"),
        in_kubebuilder_assets=True,
        release=_kubernetes_release("kubectl"),
    ),
    Program(
        name="karpenter",
        version="1.14.1",
        go=GoBuild("programs", "sigs.k8s.io/karpenter/kwok", "35 seconds", _KUBERNETES_FLAGS),
        companion=Companion("crds.yaml", "sigs.k8s.io/karpenter", ("pkg/apis/crds/*.yaml", "kwok/apis/crds/*.yaml")),
    ),
    Program(
        name="kwok",
        version="0.8.0",
        go=GoBuild("programs", "sigs.k8s.io/kwok/cmd/kwok", "15 seconds", _KUBERNETES_FLAGS),
        companion=Companion(
            "stages.yaml",
            "sigs.k8s.io/kwok",
            (
                "kustomize/stage/node/fast/node-*.yaml",
                "kustomize/stage/node/heartbeat-with-lease/node-*.yaml",
                "kustomize/stage/pod/fast/pod-*.yaml",
            ),
        ),
    ),
    Program(
        name="kube-state-metrics",
        version="2.20.0",
        go=GoBuild("programs", "k8s.io/kube-state-metrics/v2", "10 seconds", _KUBERNETES_FLAGS),
    ),
    _of_prometheus("prometheus", "4 minutes"),
    _of_prometheus("promtool", "2 minutes"),
    Program(
        name="livekit-server",
        version="1.13.3",
        go=GoBuild("livekit", "github.com/livekit/livekit-server/cmd/server", "70 seconds"),
        minimum=(1, 13),
        release=Release(
            url=_LIVEKIT_RELEASE + "livekit_1.13.3_linux_{arch}.tar.gz",
            checksum_url=_LIVEKIT_RELEASE + "checksums.txt",
            member="livekit-server",
        ),
    ),
    _of_cluster_api("cluster-api-core", "sigs.k8s.io/cluster-api", "core", "3 minutes"),
    _of_cluster_api("cluster-api-dev", "sigs.k8s.io/cluster-api/test", "infrastructure/docker", "30 seconds"),
    Program(
        name="kind",
        version="0.33.0",
        go=GoBuild("kind-program", "sigs.k8s.io/kind", "10 seconds"),
        minimum=(0, 30),
        release=Release(
            url="https://kind.sigs.k8s.io/dl/v0.33.0/kind-linux-{arch}",
            checksum_url="https://kind.sigs.k8s.io/dl/v0.33.0/kind-linux-{arch}.sha256sum",
        ),
    ),
    Program(
        name="helm",
        version="4.3.1",
        go=GoBuild("helm-program", "helm.sh/helm/v4/cmd/helm", "2 minutes", f"-s -w -X {_HELM}.version=v4.3.1"),
        minimum=(3, 17),
        version_command=("version", "--short"),
        release=Release(
            url="https://get.helm.sh/helm-v4.3.1-linux-{arch}.tar.gz",
            checksum_url="https://get.helm.sh/helm-v4.3.1-linux-{arch}.tar.gz.sha256sum",
            member="linux-{arch}/helm",
        ),
    ),
)

PROGRAMS: Final = MappingProxyType({program.name: program for program in _ALL})
