from __future__ import annotations

import pytest

from tools.load.__main__ import arguments


@pytest.mark.parametrize("url", ["https://127.0.0.1", "127.0.0.1:18400", "http://127.0.0.1/orders"])
def test_a_url_that_is_no_plain_address_is_refused_with_an_example(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        arguments(["--url", url, "--report", "load.json"])
    assert "must look like http://127.0.0.1:18400" in capsys.readouterr().err


@pytest.mark.parametrize("rate", ["0", "-1", "fast", "inf", "nan"])
def test_a_rate_that_is_no_positive_number_is_refused(rate: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        arguments(["--url", "http://127.0.0.1:1", "--report", "load.json", f"--rate={rate}"])
    assert "must be a number above 0" in capsys.readouterr().err
