"""`livecost media`, `servers`, `compare`, `bandwidth` and `recommend` as a person at a terminal meets them."""

import csv
import io
import json

import pytest
import yaml
from click.testing import CliRunner

from livecost.cli import main


def run(*arguments):
    return CliRunner().invoke(main, [*arguments])


def rows(*arguments):
    result = run(*arguments, "-o", "json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_media_tells_payload_and_wire():
    payload, wire = rows("media", "--participants", "6", "--minutes", "60", "--sessions-per-month", "10")

    assert (payload["counted"], payload["streamKbps"]) == ("payload", "64")
    assert wire["streamKbps"] == "88.8"
    assert wire["receivedKbpsPerParticipant"] == "444"
    assert wire["egressMbps"] == "2.664"
    assert wire["egressGBPerSession"] == "1.1988"
    assert wire["egressGBPerMonth"] == "11.988"


@pytest.mark.parametrize(
    ("options", "wire"),
    [
        (["--ipv6"], "96.8"),
        (["--red", "1"], "154.8"),
        (["--red", "2"], "220.4"),
        (["--talk-percent", "0"], "1.44"),
        (["--kbps", "32"], "56.8"),
    ],
)
def test_each_media_option_acts(options, wire):
    assert rows("media", *options)[1]["streamKbps"] == wire


def test_servers_without_the_port_are_the_document_s_matrix():
    light, heavy = (row for row in rows("servers", "--session-mbps", "0") if row["type"] == "CCX43")

    assert (heavy["concurrentSessions"], light["concurrentSessions"]) == (240, 320)
    assert (heavy["sessionsPerDay"], light["sessionsPerMonth"]) == (34_560, 1_382_400)
    assert (light["costPerSessionEUR"], heavy["costPerSessionEUR"]) == ("0.000106", "0.000141")
    assert heavy["networkLimit"] is None


def test_servers_with_the_port_say_that_it_binds():
    largest = rows("servers")[-1]

    assert (largest["type"], largest["concurrentSessions"], largest["setBy"]) == ("CCX53", 175, "network")


def test_servers_at_seventy_percent():
    [row] = [
        row
        for row in rows("servers", "--utilization-percent", "70")
        if row["type"] == "CCX23" and row["sessionsAre"] == "heavy"
    ]

    assert (row["sessionsPerMonth"], row["costPerSessionEUR"]) == (181_440, "0.000201")


def test_compare_shows_the_document_s_set_ups():
    found = rows("compare")

    assert [(row["setUp"], row["setBy"]) for row in found] == [
        ("1x CCX43", "network"), ("2x CCX23", "cpu"), ("3x CCX23", "cpu"), ("4x CX41", "cpu"),
    ]  # fmt: skip
    assert [row["pricePerMonthEUR"] for row in found] == ["146.04", "83.02", "119.53", "94.00"]
    assert [row["withOneServerLost"] for row in found] == [0, 60, 120, 150]


def test_compare_takes_set_ups_in_any_case_and_without_count():
    assert [row["setUp"] for row in rows("compare", "ccx33", "2XCCX33")] == ["1x CCX33", "2x CCX33"]


def test_compare_adds_redis_and_load_balancer_from_two_servers_on():
    one, two = rows("compare", "ccx23", "2xccx23", "--redis", "20", "--load-balancer", "0")

    assert (one["pricePerMonthEUR"], two["pricePerMonthEUR"]) == ("36.51", "93.02")


def test_bandwidth_prices_the_document_s_scenarios_flat_and_as_listed():
    found = rows("bandwidth")
    aws = [row["monthly"] for row in found if (row["provider"], row["price"]) == ("aws", "printed")]
    listed = {row["asOf"] for row in found if row["price"] == "listed"}

    assert aws == ["82.00", "410.00", "819.99", "4099.95", "8199.90"]
    assert {row["asOf"] for row in found if row["price"] == "printed"} == {None}
    assert None not in listed


def test_bandwidth_of_one_s_own_sessions():
    """1,000 sessions a day of 1 GB are 30 TB: Hetzner includes 20 TB, the rest costs 1.00 a TB."""
    prices = {
        (row["provider"], row["price"]): row["monthly"]
        for row in rows("bandwidth", "--sessions-per-day", "1000", "--session-gb", "1")
    }

    assert prices["hetzner", "listed"] == "10.00"


def test_recommend_names_the_cheapest_and_why():
    first, second, third = rows("recommend", "--sessions-per-day", "20000")

    assert first["setUp"] == "7x CX21"
    assert first["sessionsPerDay"] >= 20_000
    assert first["why"].startswith("139 at once; a server carries 20 (cpu binds), so 7 do it")
    assert float(first["pricePerMonthEUR"]) <= float(second["pricePerMonthEUR"]) <= float(third["pricePerMonthEUR"])


def test_recommend_with_high_availability_survives_the_loss_of_a_server():
    [only] = rows("recommend", "--sessions-per-day", "20000", "--ha", "--top", "1")

    assert only["setUp"] == "8x CX21"
    assert only["withOneServerLost"] * 144 >= 20_000


def test_recommend_takes_machines_services_and_traffic_of_a_catalog():
    """D2s_v5: five at 0.096 x 730, Redis 47.45, load balancer 18.25; 223,776 GB through Azure's tiers."""
    [row] = rows("recommend", "--sessions-per-day", "20000", "--cloud", "azure", "--top", "1")

    assert (row["setUp"], row["pricePerMonthUSD"]) == ("5x Standard_D2s_v5", "416.10")
    assert (row["egressGBPerMonth"], row["trafficPerMonthUSD"]) == ("223776", "14962.36")
    assert row["totalPerMonthUSD"] == "15378.46"
    assert "network unknown" in row["why"]


def test_recommend_by_the_documents_catalog_chooses_as_without_a_catalog():
    plain, catalog = (
        rows("recommend", "--sessions-per-day", "20000", *more) for more in ([], ["--cloud", "hetzner-document"])
    )

    assert [row["setUp"] for row in catalog] == [row["setUp"] for row in plain]
    assert [row["why"] for row in catalog] == [row["why"] for row in plain]


def test_each_option_of_a_catalog_acts():
    def first(*options, cloud="hetzner"):
        return rows("recommend", "--sessions-per-day", "20000", "--cloud", cloud, *options, "--top", "1")[0]

    assert first()["note"].startswith("Not available to order")
    assert first("--exclude", "CX*", "--exclude", "CPX*")["setUp"].endswith("CCX13")
    assert "a server carries 28 (memory binds" in first("--shared-cpu-percent", "3.5")["why"]
    assert first("--exclude", "C[PX]X*", "--exclude", "CX*", "--dedicated-cpu-percent", "7")["setUp"] == "7x CCX13"
    assert first("--egress-mbps", "0.001")["trafficPerMonthEUR"] == "0.00"
    assert first("--region", "europe-west3", cloud="gcp")["setUp"].endswith("e2-standard-4")
    assert first("--redis", "100", cloud="aws")["pricePerMonthUSD"] == "433.98"


def test_recommend_tells_reasons_and_second_hand_prices_below_the_table():
    """A line of the table fits a terminal; the reason of each set-up follows."""
    result = run("recommend", "--sessions-per-day", "200000", "--cloud", "hetzner", "--top", "1")
    table, reasons = result.stdout.split("\n\n")

    assert max(map(len, table.splitlines())) <= 120
    assert reasons.startswith("- 112x CX23: 1389 at once")
    assert reasons.endswith("Price known second hand, 2026-08-17.\n")


def test_recommend_with_a_sheet_of_one_s_own_and_what_it_leaves_unknown(tmp_path):
    """A sheet of machines alone: traffic and total are unknown, and Redis and the load balancer have to be told."""
    sheet = tmp_path / "own.yaml"
    sheet.write_text(
        "{provider: custom, currency: CHF, tax: net, defaultRegion: zrh, nodeTypes: [{sku: big, regions: [zrh],"
        " vCPU: 8, vCPUKind: dedicated, memoryGB: 32, networkMbps: 1000, monthlyCap: 50, source: ours,"
        " date: 2026-10-01, known: first-hand}]}",
        encoding="utf-8",
    )
    told = ["--prices", str(sheet), "--sessions-per-day", "20000"]
    refused = run("recommend", *told)
    [row] = rows("recommend", *told, "--redis", "5", "--load-balancer", "5")

    assert refused.exit_code == 2
    assert "the price catalog has no redis; also write --redis" in refused.stderr
    assert (row["setUp"], row["pricePerMonthCHF"], row["setBy"]) == ("2x big", "110.00", "cpu")
    assert row["trafficPerMonthCHF"] is row["totalPerMonthCHF"] is None
    assert "network unknown" not in row["why"]


def test_every_form_tells_the_same():
    [first, *_] = rows("compare")
    text = {form: run("compare", "-o", form).stdout for form in ("yaml", "csv", "table", "markdown")}

    assert yaml.safe_load(text["yaml"])[0] == first
    assert next(csv.DictReader(io.StringIO(text["csv"])))["setUp"] == first["setUp"]
    assert all("1x CCX43" in shown and "146.04" in shown for shown in text.values())
    assert text["markdown"].startswith("|")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["media", "--kbps", "loud"], "'loud' is not a decimal number; write a number"),
        (["media", "--kbps", "0"], "media.kbps: 0 is not above 0"),
        (["media", "--participants", "0"], "media.participantsPerRoom"),
        (["media", "--talk-percent", "101"], "media.talkPercent"),
        (["media", "--minutes", "0"], "write a number above 0"),
        (["media", "--kbps", "1" * 20], "out of range"),
        (["servers", "--headroom-percent", "100"], "headroomPercent"),
        (["servers", "--minutes", "0"], "session.minutes"),
        (["servers", "--utilization-percent", "0"], "above 0"),
        (["compare", "3xCX99"], "write one of CX21"),
        (["compare", "0xCX21"], "write 1 to 1000 servers"),
        (["compare", "--redis", "-1"], "write 0 or more"),
        (["bandwidth", "--session-gb", "-1"], "write 0 or more"),
        (["recommend", "--sessions-per-day", "0"], "sessionsPerDay: 0 is below 1"),
        (["recommend", "--sessions-per-day", "1", "--busy-hours", "0"], "busyHoursPerDay"),
        (["recommend", "--sessions-per-day", "1", "--cloud", "azur"], "did you mean azure?"),
        (["recommend", "--sessions-per-day", "1", "--cloud", "aws", "--region", "mars"], "region: 'mars' is not in"),
        (["recommend", "--sessions-per-day", "1", "--region", "fsn1"], "--region needs a price catalog"),
        (["recommend", "--sessions-per-day", "1", "--exclude", "*"], "no machine type is left"),
        (["recommend", "--sessions-per-day", "1", "--cloud", "aws", "--egress-mbps", "0"], "write a number above 0"),
        (["recommend", "--sessions-per-day", "1", "--redis", "-1"], "write 0 or more"),
    ],
)
def test_bad_options_are_refused_with_what_to_write(arguments, words):
    result = run(*arguments)

    assert result.exit_code == 2
    assert result.stdout == ""
    assert words in result.stderr
