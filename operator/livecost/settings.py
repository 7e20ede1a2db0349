"""How one operator process behaves; every field is a flag and an environment variable of `livecost operator`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Settings:
    """The process's settings; the command line documents each of them."""

    namespaces: tuple[str, ...] = ()
    kubeconfig: Path | None = None
    context: str | None = None
    prometheus_url: str | None = None
    observation_interval_seconds: int = 60
    observation_window_seconds: int = 86_400
    observation_step_seconds: int = 300
    observation_refresh_seconds: int = 3_600
    live_telemetry_max_age_seconds: int = 300
    telemetry_interval_seconds: int = 3_600
    telemetry_window_seconds: int = 1_209_600
    target_cpu_percent: int = 70
    opencost_currency: str = "USD"
    prometheus_timeout_seconds: int = 20
    prometheus_max_response_mib: int = 64
    prometheus_token_file: Path | None = None
    prometheus_username: str | None = None
    prometheus_password_file: Path | None = None
    prometheus_ca_file: Path | None = None
    prometheus_headers: tuple[tuple[str, str], ...] = ()
    recommend_only: bool = False
    workers: int = 16
    listen_address: str = "127.0.0.1"
    listen_port: int = 8080
    leader_elect: bool = True
    lease_namespace: str = "default"
    lease_name: str = "livecost"
    lease_duration_seconds: int = 8
    lease_renew_deadline_seconds: int = 6
    lease_retry_seconds: float = 1.5
    events: str = "problems"
    log_level: str = "info"
    log_format: str = "auto"
