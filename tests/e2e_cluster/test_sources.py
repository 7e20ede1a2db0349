"""A published binary is used only when its sum is right, and a host that does not answer is asked once."""

import hashlib
import io
import tarfile
import urllib.error
import urllib.request
from contextlib import nullcontext
from email.message import Message
from pathlib import Path

import pytest

from e2e.cluster import sources
from e2e.cluster.errors import SourceUnavailableError
from e2e.cluster.program_list import PROGRAMS


class Web:
    """Answers of the internet by the end of the address; an exception among them is raised."""

    def __init__(self, answers: dict[str, bytes | Exception]) -> None:
        self.answers = answers
        self.asked: list[str] = []

    def open(self, url: str, timeout: int) -> nullcontext[io.BytesIO]:
        """Stands in for urllib's urlopen."""
        assert timeout > 0
        self.asked.append(url)
        answer = next(answer for end, answer in self.answers.items() if url.endswith(end))
        if isinstance(answer, Exception):
            raise answer
        return nullcontext(io.BytesIO(answer))


@pytest.fixture
def web(monkeypatch: pytest.MonkeyPatch) -> Web:
    monkeypatch.setattr(sources, "_unreachable_hosts", set())
    web = Web({})
    monkeypatch.setattr(urllib.request, "urlopen", web.open)
    return web


def download(name: str, target: Path) -> None:
    sources.download_release(PROGRAMS[name], "amd64", target, lambda _: None, "(1 of 1)")


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def test_bare_binary_with_the_right_sum_is_installed(web: Web, tmp_path: Path) -> None:
    web.answers = {".sha256": sha256(b"program").encode(), "/amd64/kubectl": b"program"}
    download("kubectl", tmp_path / "kubectl")
    assert (tmp_path / "kubectl").read_bytes() == b"program"


def etcd_release(member_name: str) -> dict[str, bytes | Exception]:
    """An archive of one file, and its line among the sums."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        member = tarfile.TarInfo(member_name)
        member.size = 4
        archive.addfile(member, io.BytesIO(b"etcd"))
    content = packed.getvalue()
    sums = f"{sha256(b'x')}  etcd-v3.7.3-linux-arm64.tar.gz\n{sha256(content)}  etcd-v3.7.3-linux-amd64.tar.gz\n"
    return {"SHA256SUMS": sums.encode(), ".tar.gz": content}


def test_binary_inside_an_archive_is_found_by_its_line_among_the_sums(web: Web, tmp_path: Path) -> None:
    web.answers = etcd_release("etcd-v3.7.3-linux-amd64/etcd")
    download("etcd", tmp_path / "etcd")
    assert (tmp_path / "etcd").read_bytes() == b"etcd"


def test_an_archive_without_the_binary_is_refused(web: Web, tmp_path: Path) -> None:
    web.answers = etcd_release("etcd-v3.7.3-linux-amd64/README.md")
    with pytest.raises(SourceUnavailableError, match=r"holds no file etcd-v3\.7\.3-linux-amd64/etcd"):
        download("etcd", tmp_path / "etcd")


def test_wrong_sum_is_refused_and_nothing_installed(web: Web, tmp_path: Path) -> None:
    web.answers = {".sha256": sha256(b"program").encode(), "/amd64/kubectl": b"another program"}
    with pytest.raises(SourceUnavailableError, match="its publisher says"):
        download("kubectl", tmp_path / "kubectl")
    assert not (tmp_path / "kubectl").exists()


def test_program_without_a_sum_is_refused(web: Web, tmp_path: Path) -> None:
    web.answers = {"SHA256SUMS": f"{sha256(b'x')}  another-file.tar.gz\n".encode()}
    with pytest.raises(SourceUnavailableError, match="no published sha256 sum"):
        download("etcd", tmp_path / "etcd")


@pytest.mark.parametrize(
    "refusal",
    [
        urllib.error.URLError("Name or service not known"),
        TimeoutError("timed out"),
        urllib.error.HTTPError("https://dl.k8s.io/", 403, "Forbidden", Message(), None),
    ],
    ids=["no such host", "no answer", "refused by a proxy"],
)
def test_unreachable_host_is_asked_only_once(web: Web, tmp_path: Path, refusal: Exception) -> None:
    web.answers = {"": refusal}
    for name in ("kubectl", "kube-apiserver"):
        with pytest.raises(SourceUnavailableError, match=r"dl\.k8s\.io"):
            download(name, tmp_path / name)
    assert len(web.asked) == 1


def test_program_that_nobody_publishes_is_not_asked_for(web: Web, tmp_path: Path) -> None:
    with pytest.raises(SourceUnavailableError, match="no binary is published"):
        download("karpenter", tmp_path / "karpenter")
    assert web.asked == []
