"""The public test kit, for tests of aigc and of its plugins; needs ``aigc-cli[testing]``.

`play` runs a generator without a model, on texts that the test gives, and `play_on` on an engine: `EchoEngine`, or a
model file by `open_model`. `echo_environ` is an environment with a home of its own and the echo engine for a model,
`echo_app` an app in it, and `PtyScreen` a program on a pseudo-terminal together with what a person sees of it.
"""

from aigc_cli.engine.echo import EchoEngine
from aigc_cli.testing.flows import Played, open_model, play, play_on
from aigc_cli.testing.programs import AIGC, PtyScreen, echo_app, echo_environ

__all__ = ["AIGC", "EchoEngine", "Played", "PtyScreen", "echo_app", "echo_environ", "open_model", "play", "play_on"]
