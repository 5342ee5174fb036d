"""Every check of every stage: small functions whose docstring is the claim, run in order, consequences hidden."""

from sfrunbook.checks import credentials, data, grant, registration
from sfrunbook.checks.registry import Answer, Check, Context, checks_of, run_checks

__all__ = ["STAGES", "Answer", "Check", "Context", "checks_of", "run_checks"]

#: the stages in the order of the work; importing their modules has filled the registry
STAGES = tuple(module.STAGE for module in (registration, credentials, grant, data))
