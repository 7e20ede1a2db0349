"""The pages as a part of the release: they show in a browser what kubectl prints, and may only read.

What their account asks of the API server is looked at in test_rights.py, after the tests of this file and all others.
"""

import json
import re
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from decimal import Decimal
from functools import partial
from html import unescape
from typing import Any, Final

import pytest

from e2e.cluster import ClusterError
from e2e.kind.in_kind import InKind
from e2e.kind.operator_pods import NAMESPACE, RELEASE, WEB, is_ready

Json = dict[str, Any]

_TREND_SECONDS: Final = 120
# The operator's pods by name, so that Prometheus scrapes each; a Service with an address gives one of them at a time.
_PODS: Final = f"""
apiVersion: v1
kind: Service
metadata: {{name: livecost-pods, namespace: {NAMESPACE}}}
spec:
  clusterIP: None
  selector: {{app.kubernetes.io/name: livecost, app.kubernetes.io/instance: {RELEASE}}}
"""


class Pages:
    """The pages behind `kubectl port-forward`, as somebody's browser asks for them."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def text(self, path: str) -> str:
        """A page's words, without markup."""
        with closing(self._opener.open(f"{self._address}{path}", timeout=20)) as answer:
            page: str = answer.read().decode()
        return " ".join(unescape(re.sub("<[^>]+>", " ", page)).split())

    def ask(self, path: str, question: Json) -> Json:
        """An answer of the JSON API."""
        request = urllib.request.Request(  # noqa: S310 - the address is the test's own
            f"{self._address}{path}", json.dumps(question).encode(), {"Content-Type": "application/json"}
        )
        with closing(self._opener.open(request, timeout=20)) as answer:
            found: Json = json.load(answer)
        return found


@pytest.fixture(scope="module")
def pages(running: InKind) -> Iterator[Pages]:
    """The release's pages, with Prometheus scraping the operator for their trend."""
    running.cluster.apply(_PODS)
    running.cluster.kubectl("rollout", "status", f"deployment/{WEB}", f"--namespace={NAMESPACE}", "--timeout=60s")
    with running.cluster.forwarding(f"service/{WEB}", NAMESPACE, 80) as port:
        yield Pages(f"http://localhost:{port}")
    running.cluster.kubectl("delete", "service", "livecost-pods", f"--namespace={NAMESPACE}")


def _pod(running: InKind) -> Json:
    chosen = (f"--namespace={NAMESPACE}", f"--selector=app.kubernetes.io/name={WEB}")
    (pod,) = [pod for pod in running.objects("pods", *chosen) if "deletionTimestamp" not in pod["metadata"]]
    return pod


def test_the_pod_is_ready_under_the_restricted_standard_with_a_read_only_file_system(running: InKind) -> None:
    """The namespace enforces the one; the pod's own spec says the other."""
    namespace = json.loads(running.cluster.kubectl("get", "namespace", NAMESPACE, "--output=json"))
    assert namespace["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"
    running.until("the pages' pod is ready", lambda: is_ready(_pod(running)), 60)
    (container,) = _pod(running)["spec"]["containers"]
    assert container["securityContext"]["readOnlyRootFilesystem"] is True


def test_the_fleet_shows_each_customer_as_kubectl_does(running: InKind, pages: Pages) -> None:
    """Peak, nodes and projected cost of every customer, in the list and on a page of its own."""

    def differing(name: str) -> list[str]:
        status = running.status(name)
        figures = [status["summary"][figure] for figure in ("projected", "livekit", "sim")]
        page, own = pages.text(f"/fleet?q={name}"), pages.text(f"/fleet/default/{name}")
        absent = [text for text in (name, *figures) if text not in page]
        absent += [text for text in (str(status["demand"]["peakUsers"]),) if text not in page.replace(",", "")]
        return absent + [text for text in figures[:1] if text not in own]

    names = [customer["metadata"]["name"] for customer in running.objects("customerclusters")]
    assert len(names) >= 3
    for name in names:
        # A pool may still be on its way while it is looked at.
        running.until(f"the page shows {name} as kubectl does", partial(lambda each: not differing(each), name))


def test_an_edit_shows_without_asking_anew_of_the_cluster(running: InKind, pages: Pages) -> None:
    """The page's watch tells it; the customer is the page's own."""
    running.apply("seen-by-the-page", {"concurrency": 100}, {})
    running.until("it is listed", lambda: "$1,036.60" in pages.text("/fleet?q=seen-by-the-page"))
    running.edit("seen-by-the-page", {"concurrency": 300})
    running.until("its new cost is shown", lambda: "$2,407.80" in pages.text("/fleet?q=seen-by-the-page"))
    running.cluster.kubectl("delete", "customercluster", "seen-by-the-page")
    running.until("it is gone", lambda: "$2,407.80" not in pages.text("/fleet?q=seen-by-the-page"))


def test_the_calculator_computes_in_the_pod(pages: Pages) -> None:
    """The worked example by default, and every panel, of which one loads a compiled library."""
    assert "$1,036.60" in pages.text("/")
    estimated = pages.ask("/api/v1/estimate", {"assumptions": {"demand": {"users": 1000}}})
    assert estimated["estimate"]["monthly"]["total"] == "1036.60"
    for panel in ("sensitivity", "uncertainty", "pooling"):
        assert "This needs the package" not in pages.text(f"/?panel=%3D{panel}")
    assert pages.ask("/api/v1/uncertainty", {"assumptions": {}, "draws": 5000})["draws"] == 5000


def test_the_trend_is_that_of_the_clusters_prometheus(running: InKind, pages: Pages) -> None:
    """Its last projected amount is the sum of the customers' own."""

    def shown() -> Decimal | None:
        found = re.search(r"USD per month, now: Projected, [a-z ]+ \$([\d,.]+)", pages.text("/fleet/trend?span=1h"))
        return Decimal(found[1].replace(",", "")) if found else None

    def projected() -> Decimal:
        costs = [each["status"]["cost"] for each in running.objects("customerclusters", "--all-namespaces")]
        return sum((Decimal(cost["projected"]["monthly"]) for cost in costs), Decimal())

    running.until("the trend ends with the customers' sum", lambda: shown() == projected(), _TREND_SECONDS)


def test_it_answers_to_the_services_name_and_to_no_name_of_others(running: InKind) -> None:
    """Asked by its Service from within the cluster; a page elsewhere cannot reach it by a name of its own."""
    address = running.cluster.kubectl(
        "get", "service", WEB, f"--namespace={NAMESPACE}", "-o=jsonpath={.spec.clusterIP}"
    )

    def status(host: str) -> str:
        ask = f"exec 3<>/dev/tcp/{address}/80; printf 'GET / HTTP/1.0\\r\\nHost: {host}\\r\\n\\r\\n' >&3; head -1 <&3"
        return running.cluster.execute(running.cluster.control_plane, "timeout", "10", "bash", "-c", ask).split()[1]

    for host in (WEB, f"{WEB}.{NAMESPACE}", f"{WEB}.{NAMESPACE}.svc", f"{WEB}.{NAMESPACE}.svc.cluster.local"):
        assert status(host) == "200"
    assert status("evil.example.com") == "400"


def test_its_account_cannot_write(running: InKind) -> None:
    """As the API server sees it: not even a status, nor any Secret."""
    account = f"--as=system:serviceaccount:{NAMESPACE}:{WEB}"
    for verb, resource in (
        ("create", "customerclusters"), ("patch", "customerclusters/status"), ("get", "secrets"), ("create", "pods"),
    ):  # fmt: skip
        with pytest.raises(ClusterError, match="can-i"):
            running.cluster.kubectl("auth", "can-i", verb, resource, account, "--all-namespaces")
