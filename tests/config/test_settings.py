"""Settings."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aigc_cli.config import settings
from aigc_cli.config.paths import Paths
from aigc_cli.config.settings import Settings
from aigc_cli.core.errors import SettingError, UnreadableFile


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return where a settings file would be."""
    return tmp_path / "config" / "config.toml"


def test_without_a_file_every_setting_has_its_default(path: Path) -> None:
    """A new user gets the defaults."""
    assert settings.load(path, {}) == Settings()


def test_a_variable_comes_before_the_file_and_the_file_before_the_default(path: Path) -> None:
    """Each value is explained by the place it came from."""
    settings.change(path, "temperature", "0.2")
    settings.change(path, "top_k", "10")
    found = {item.key: item for item in settings.explain(path, {"AIGC_TOP_K": "20"})}
    assert (found["top_k"].value, found["top_k"].source) == (20, "AIGC_TOP_K")
    assert (found["temperature"].value, found["temperature"].source) == (0.2, str(path))
    assert (found["top_p"].value, found["top_p"].source) == (0.95, "default")


def test_changing_a_setting_keeps_the_rest_of_the_file(path: Path) -> None:
    """Comments and other settings survive a change and its removal."""
    path.parent.mkdir()
    path.write_text('# mine\nmodel = "echo" # small\n', encoding="utf-8")
    settings.change(path, "top_k", "5")
    settings.change(path, "top_k", None)
    assert path.read_text(encoding="utf-8") == '# mine\nmodel = "echo" # small\n'


def test_only_the_user_can_read_the_file(path: Path) -> None:
    """The file and its folder are private, since a system prompt may be."""
    settings.change(path, "system", "Be brief.")
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize(
    ("key", "value"),
    [("top_k", "many"), ("language", "fr"), ("save", "perhaps"), ("temperature", "inf"), ("nonsense", "1")],
)
def test_a_bad_value_changes_nothing(path: Path, key: str, value: str) -> None:
    """A wrong key or value is refused by name before the file is touched."""
    with pytest.raises(SettingError) as error:
        settings.change(path, key, value)
    assert key in str(error.value)
    assert not path.exists()


def test_a_typing_error_gets_a_suggestion(path: Path) -> None:
    """The nearest key is named."""
    with pytest.raises(SettingError, match="temperature"):
        settings.change(path, "temprature", "1")


def test_a_file_that_is_no_toml_is_named(path: Path) -> None:
    """A broken file is an error with its path, and it is not overwritten by a change."""
    path.parent.mkdir()
    path.write_text("model = [", encoding="utf-8")
    with pytest.raises(UnreadableFile) as error:
        settings.load(path, {})
    assert str(path) in str(error.value)
    with pytest.raises(UnreadableFile):
        settings.change(path, "top_k", "5")
    assert path.read_text(encoding="utf-8") == "model = ["


@given(
    st.sampled_from(settings.keys()),
    st.one_of(st.text(), st.integers(), st.floats(), st.booleans(), st.lists(st.text())),
)
def test_any_value_is_read_or_refused_with_the_right_error(key: str, value: object) -> None:
    """Parsing never fails in another way, and what it returns has the type of the default."""
    try:
        parsed = settings.parse(key, value)
    except SettingError:
        return
    assert type(parsed) is type(getattr(Settings(), key))


def test_aigc_home_holds_everything(tmp_path: Path) -> None:
    """With AIGC_HOME set, no folder lies outside it."""
    paths = Paths.find({"AIGC_HOME": str(tmp_path)})
    for folder in (paths.config, paths.data, paths.state, paths.cache):
        assert folder.parent == tmp_path
