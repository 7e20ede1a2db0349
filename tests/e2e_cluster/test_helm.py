"""Helm in tests works on no cluster that a test did not make."""

from e2e.cluster.helm import run_helm


def test_what_the_shell_names_does_not_reach_helm(monkeypatch):
    """Helm's own variables choose a cluster as its flags do."""
    for name in ("HELM_KUBECONTEXT", "HELM_KUBEAPISERVER", "HELM_NAMESPACE", "KUBECONFIG"):
        monkeypatch.setenv(name, "production")
    shown = run_helm("env")
    assert shown.returncode == 0
    assert 'HELM_NAMESPACE="default"' in shown.stdout
    assert "production" not in shown.stdout


def test_what_the_run_names_does(tmp_path):
    assert f'HELM_CACHE_HOME="{tmp_path}"' in run_helm("env", HELM_CACHE_HOME=str(tmp_path)).stdout
