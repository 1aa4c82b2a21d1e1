"""The papers that vendors of the demo attach: small PDF files, made when they are attached."""

from riskapp.cli.portfolio.plot import Paper

YEAR = 365

CERTIFICATE = Paper(
    "ISM-01",
    "ISO 27001 certificate and statement of applicability.pdf",
    "Certificate ISO/IEC 27001:2022 with the statement of applicability, version 4.",
    age=290,
    lasts=3 * YEAR,
)
POLICIES = Paper(
    "ISM-04",
    "List of policies.pdf",
    "Security policies with owner, approval and last review.",
    age=75,
)
UNDERTAKING = Paper(
    "ISM-12",
    "Confidentiality undertaking.pdf",
    "Template of the undertaking; signed by all 46 people on the service.",
    age=180,
)
TRAINING = Paper(
    "ISM-13", "Training figures.pdf", "Completion of this year's security training: 97 %.", age=60
)
EXERCISE = Paper(
    "ISM-15",
    "Incident exercise report.pdf",
    "Table-top exercise: ransomware on a build server. Seven lessons, all closed.",
    age=95,
)
INCIDENT_CLAUSE = Paper(
    "ISM-16", "Contract, clause 14.pdf", "Clause 14: notice of security incidents.", age=210
)
NO_INCIDENTS = Paper(
    "ISM-17",
    "Statement of the management.pdf",
    "No serious security incident in the last 24 months.",
    age=20,
)
PENETRATION_TEST = Paper(
    "ISM-19",
    "Penetration test summary.pdf",
    "Penetration test by an independent firm: 0 critical, 1 high (closed), 4 medium.",
    age=140,
    lasts=180,
)
OLD_PENETRATION_TEST = Paper(
    "ISM-19",
    "Pentest report (old).pdf",
    "Penetration test of the platform: 1 critical, 3 high. Retest not ordered.",
    age=640,
)
LAST_PENETRATION_TEST = Paper(
    "ISM-19",
    "Penetration test summary, last year.pdf",
    "Penetration test by an independent firm: 1 critical, 2 high (all closed).",
    age=470,
    lasts=365,
)
PATCHING = Paper(
    "ISM-20", "Patching figures.pdf", "Critical vulnerabilities: median 9 days to fix.", age=30
)
AUDIT_CLAUSE = Paper(
    "ISM-23", "Contract, clause 19.pdf", "Clause 19: audits, on site and by authorities.", age=210
)
INSURANCE = Paper(
    "ISM-30",
    "Insurance confirmation.pdf",
    "Cyber and professional liability: EUR 5 million for each year.",
    age=345,
    lasts=YEAR,
)
PROCESSING_CONTRACT = Paper(
    "GDP-02",
    "Data processing agreement.pdf",
    "Agreement under Article 28 GDPR, signed by both parties.",
    age=210,
)
MEASURES = Paper(
    "GDP-08",
    "Annex II, measures.pdf",
    "Technical and organisational measures, 34 of them, each with an owner.",
    age=120,
)
SUB_PROCESSORS = Paper(
    "GDP-14", "Register of sub-processors.pdf", "All sub-processors, with places.", age=35
)
BREACH_CLAUSE = Paper(
    "GDP-19", "Agreement, annex 3.pdf", "Annex 3: what a notice of a breach tells you.", age=210
)
DELETION_CLAUSE = Paper(
    "GDP-22", "Agreement, clause 12.pdf", "Clause 12: return and deletion, backups included.", 210
)
CLAUSES = Paper(
    "GDP-32",
    "Standard contractual clauses, signed.pdf",
    "Clauses (EU) 2021/914, module three, with annexes I to III.",
    age=260,
)

WELL_KEPT = (
    CERTIFICATE,
    POLICIES,
    UNDERTAKING,
    TRAINING,
    EXERCISE,
    INCIDENT_CLAUSE,
    NO_INCIDENTS,
    PENETRATION_TEST,
    PATCHING,
    AUDIT_CLAUSE,
    INSURANCE,
    PROCESSING_CONTRACT,
    MEASURES,
    BREACH_CLAUSE,
    DELETION_CLAUSE,
)
"""What a vendor that is asked such things every year has ready."""
