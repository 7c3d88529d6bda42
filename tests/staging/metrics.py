"""Figures as Prometheus would read them."""

from prometheus_client.parser import text_string_to_metric_families

from tests.fixtures.people import Browser


def scraped(client: Browser) -> dict[str, float]:
    """What `/metrics` tells now: samples as `name` or `name{label="value"}`, without the label of the process."""
    answer = client.get("/metrics")
    assert answer.status_code == 200
    samples = {}
    for family in text_string_to_metric_families(answer.get_data(as_text=True)):
        for sample in family.samples:
            labels = [f'{name}="{value}"' for name, value in sample.labels.items() if name != "process"]
            name = sample.name.removeprefix("cashticket_")
            samples[f"{name}{{{','.join(labels)}}}" if labels else name] = sample.value
    return samples
