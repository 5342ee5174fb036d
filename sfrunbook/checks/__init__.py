"""Every check of every stage: small functions whose docstring is the claim, run in order, consequences hidden."""

from sfrunbook.checks import credentials, data, grant, partner, partner_proof, registration
from sfrunbook.checks.registry import Answer, Check, Context, checks_of, run_checks

__all__ = ["PARTNER", "STAGES", "Answer", "Check", "Context", "checks_of", "partner_proof", "run_checks"]

#: the stages in the order of the work; importing their modules has filled the registry
STAGES = tuple(module.STAGE for module in (registration, credentials, grant, data))
#: the stage at the partner, which is looked at only when it is asked for
PARTNER = partner.STAGE
