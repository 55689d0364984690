"""How every light in the product is decided.

Plain functions of facts and a day: no database, clock, settings or request. Where the contract left
something open, this is what a careful court office would do, and what these rules do:

- A reading whose denominator is zero is no value. With LATEST the newest reading counts even then:
  an older figure is not shown as if it were today's.
- Of two readings with the same end, LATEST takes the one over the longer period, then the larger value,
  so that the order in which they were entered changes nothing.
- POOLED can only add readings that have both parts; one without them adds nothing.
- LINEAR and STEPS measure a shortfall as a share of the target, so where the target is zero or less
  they judge as AT_DUE does, and so do all kinds but AT_LEAST.
- Nodes whose weights add up to zero say nothing about progress: the percent is unknown.
- Attainment is in percent for every kind that has one.
- What is "past" at the start of a measure of one day: nothing is expected on that day, everything after it.
"""

from apps.assessment.rules.facts import (
    Finding,
    IndicatorFacts,
    IndicatorVerdict,
    MeasureFacts,
    MeasureVerdict,
    NodeFacts,
    Observation,
    RollUp,
    Thresholds,
)
from apps.assessment.rules.forecast import Forecast, forecast
from apps.assessment.rules.indicators import judge_indicator
from apps.assessment.rules.measures import judge_measure, node_state
from apps.assessment.rules.roll_up import expected_of, roll_up
from apps.assessment.rules.severity import worst

# Raised with every change that can make another light, percent or standing out of the same facts: papers name it.
VERSION = "1"
