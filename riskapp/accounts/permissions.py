"""Who may do what: one table that reads aloud.

Every route states one of these. The outer list of a role reads "may"; what is not in it is 404.
"""

from enum import StrEnum


class Role(StrEnum):
    ADMINISTRATOR = "administrator"
    AUDITOR = "auditor"
    OFFICER = "officer"


class Permission(StrEnum):
    """What a route asks for. The first four ask no signed-in person."""

    PUBLIC = "public"
    LINK = "link"  # whoever holds a link that was issued
    RESPONDENT = "respondent"  # a browser in which Start was pressed, while it can be answered
    SUBMITTED = "submitted"  # the same browser, also when there is nothing to answer any more

    ACCOUNT_OWN = "account:own"
    GRANTED_READ = "granted:read"
    PEOPLE_MANAGE = "people:manage"
    ASSESSMENT_DECIDE = "assessment:decide"
    ASSESSMENT_ISSUE = "assessment:issue"
    ASSESSMENT_READ = "assessment:read"
    ASSESSMENT_REVIEW = "assessment:review"
    EVIDENCE_ERASE = "evidence:erase"
    GRANT_GIVE = "grant:give"
    PACK_MAKE = "pack:make"
    QUESTIONNAIRE_MANAGE = "questionnaire:manage"
    QUESTIONNAIRE_READ = "questionnaire:read"
    RETENTION_MANAGE = "retention:manage"
    SCORING_MANAGE = "scoring:manage"
    SCORING_READ = "scoring:read"
    TRAIL_READ = "trail:read"
    VENDOR_EDIT = "vendor:edit"
    VENDOR_READ = "vendor:read"


UNSIGNED = frozenset(
    {Permission.PUBLIC, Permission.LINK, Permission.RESPONDENT, Permission.SUBMITTED}
)

MAY: dict[Role, frozenset[Permission]] = {
    Role.ADMINISTRATOR: frozenset(
        {
            Permission.ACCOUNT_OWN,
            Permission.PEOPLE_MANAGE,
            Permission.QUESTIONNAIRE_MANAGE,
            Permission.QUESTIONNAIRE_READ,
            Permission.RETENTION_MANAGE,
            Permission.SCORING_MANAGE,
            Permission.SCORING_READ,
            Permission.TRAIL_READ,
        }
    ),
    Role.AUDITOR: frozenset({Permission.ACCOUNT_OWN, Permission.GRANTED_READ}),
    Role.OFFICER: frozenset(
        {
            Permission.ACCOUNT_OWN,
            Permission.ASSESSMENT_DECIDE,
            Permission.ASSESSMENT_ISSUE,
            Permission.ASSESSMENT_READ,
            Permission.ASSESSMENT_REVIEW,
            Permission.EVIDENCE_ERASE,
            Permission.GRANT_GIVE,
            Permission.PACK_MAKE,
            Permission.QUESTIONNAIRE_READ,
            Permission.SCORING_READ,
            Permission.TRAIL_READ,
            Permission.VENDOR_EDIT,
            Permission.VENDOR_READ,
        }
    ),
}


def may(role: Role, permission: Permission) -> bool:
    return permission in MAY[role]
