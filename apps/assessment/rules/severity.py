from collections.abc import Iterable

from apps.assessment.choices import Light

# Worst first. PAUSED stands outside: it neither accuses nor acquits.
SEVERITY = (Light.LATE, Light.WATCH, Light.NO_DATA, Light.ON_TRACK, Light.NOT_DUE, Light.DONE)
RANK = {light: rank for rank, light in enumerate((*SEVERITY, Light.PAUSED))}


def worst(lights: Iterable[Light]) -> Light:
    """The worst of the lights; PAUSED where none of them is judged."""
    judged = [light for light in lights if light != Light.PAUSED]
    return min(judged, key=SEVERITY.index, default=Light.PAUSED)
