#!/usr/bin/env bash
# Deploys one stage through CloudFormation: data, identity, then the four doors. Not yet tried on the real service.
#
#   infra/deploy.sh STAGE
#
# Needs the AWS command line with credentials, what `make package` built, and these SSM parameters (SecureString), made by hand once:
#   /adgang/STAGE/pepper                  what API keys are hashed with
#   /adgang/STAGE/quote-keys              what quotes are signed with: id:secret pairs with commas between, secrets of 32 characters or more
#   /adgang/STAGE/grant-keys              what grants are signed with: id:private pairs with commas between, each private key as `openssl rand -base64 32` makes it
#   /adgang/STAGE/mobile/stripe-key       a restricted key: customers, setup intents, payment methods
#   /adgang/STAGE/partner/stripe-key      a restricted key: connected accounts, account links
#   /adgang/STAGE/workers/stripe-key      a restricted key: invoices, payment intents, credit notes, transfers, connected accounts; for Stripe Tax, tax
#   /adgang/STAGE/stripe-webhook-secret   what Stripe signs its webhooks with; Stripe gives it once it knows the workers' address, so the first
#                                         deployment takes a placeholder, which is overwritten when the endpoint is registered there
#   /adgang/STAGE/stripe-connect-webhook-secret   the same of the endpoint for events of connected accounts
#
# Optional, from the environment: ADGANG_ZONE (Europe/Helsinki), ADGANG_MODE (test or live), ADGANG_CURRENCY (EUR), ADGANG_TERMS (1),
# ADGANG_CLOSE_GRACE_HOURS (3), ARTIFACT_BUCKET (adgang-artifacts-ACCOUNT-REGION), EXPORT_RETENTION_MODE, EXPORT_RETENTION_DAYS,
# EVIDENCE_RETENTION_DAYS, ADGANG_CHARGE_MOST (2000), ADGANG_OBJECTION_DAYS (14),
# ADGANG_LANGUAGE (en), ADGANG_LAPSED_AFTER_MONTHS (3), ADGANG_VALUE_MONTHS (3), ADGANG_PER_DOLLAR (1),
# ADGANG_WALLET_PAYS (partner or all), ADGANG_TAX (own or stripe), ADGANG_TABLES (tables that were restored, see
# docs/runbooks/restore.md), JOURNAL_ACCOUNTS_FILE (a JSON file of ledger accounts and the accounting's numbers, see docs/exports.md).
set -euo pipefail

stage="${1:-}"
if [[ -z "$stage" ]]; then
    echo "Say which stage: make deploy STAGE=staging" >&2
    exit 2
fi
if [[ ! "$stage" =~ ^[a-z][a-z0-9-]{0,15}$ ]]; then
    echo "A stage is at most 16 lower-case letters, digits and hyphens, and starts with a letter; not '$stage'" >&2
    exit 2
fi
if ! command -v aws >/dev/null; then
    echo "Deploying needs the AWS command line (aws), version 2" >&2
    exit 2
fi

cd "$(dirname "${BASH_SOURCE[0]}")/.."
doors=(mobile partner finance workers)
for door in "${doors[@]}"; do
    if [[ ! -f "build/package/$door/deployment.zip" ]]; then
        echo "There is no package of the $door door: run make package first" >&2
        exit 2
    fi
done

# AWS takes 4 KB for all of a function's variables, and half of it is for the others (infra/templates/workers.json says the same).
most_bytes=2000
journal_accounts="${JOURNAL_ACCOUNTS_FILE:-/dev/null}"
bytes="$(cat "$journal_accounts" | wc -c)"
if ((bytes > most_bytes)); then
    echo "$journal_accounts has $bytes bytes, and at most $most_bytes fit into a function's variables: name fewer accounts apart" >&2
    exit 2
fi

account="$(aws sts get-caller-identity --query Account --output text)"
region="${AWS_REGION:-${AWS_DEFAULT_REGION:-$(aws configure get region)}}"
artifacts="${ARTIFACT_BUCKET:-adgang-artifacts-$account-$region}"
echo "Deploying stage $stage to account $account in $region"

for secret in pepper quote-keys grant-keys mobile/stripe-key partner/stripe-key workers/stripe-key stripe-webhook-secret stripe-connect-webhook-secret; do
    if ! aws ssm get-parameter --region "$region" --name "/adgang/$stage/$secret" --query Parameter.Name --output text >/dev/null; then
        echo "The secret /adgang/$stage/$secret is missing; see the head of infra/deploy.sh" >&2
        exit 1
    fi
done

if ! aws s3api head-bucket --bucket "$artifacts" 2>/dev/null; then
    echo "Making the bucket for packages, $artifacts"
    aws s3 mb "s3://$artifacts" --region "$region"
    aws s3api put-public-access-block --bucket "$artifacts" --public-access-block-configuration \
        BlockPublicAcls=true,IgnorePublicAcls=true,BlockPublicPolicy=true,RestrictPublicBuckets=true
fi

# deploy STACK TEMPLATE [Name=Value ...]
deploy() {
    local stack="$1" template="$2"
    shift 2
    echo "$stack"
    aws cloudformation deploy --region "$region" --stack-name "$stack" --template-file "$template" \
        --capabilities CAPABILITY_IAM --no-fail-on-empty-changeset ${1:+--parameter-overrides "$@"}
}

deploy adgang-account infra/account.yaml
deploy "adgang-$stage-data" infra/data.yaml "Stage=$stage" \
    "ExportRetentionMode=${EXPORT_RETENTION_MODE:-GOVERNANCE}" "ExportRetentionDays=${EXPORT_RETENTION_DAYS:-3653}" \
    "EvidenceRetentionDays=${EVIDENCE_RETENTION_DAYS:-1096}"
deploy "adgang-$stage-identity" infra/identity.yaml "Stage=$stage"
for door in "${doors[@]}"; do
    own=()
    if [[ "$door" == workers ]]; then
        own=("ExportRetentionMode=${EXPORT_RETENTION_MODE:-GOVERNANCE}" "ExportRetentionDays=${EXPORT_RETENTION_DAYS:-3653}"
            "JournalAccounts=$(cat "$journal_accounts")")
    fi
    aws cloudformation package --region "$region" --template-file "build/package/$door/sam.json" --use-json \
        --s3-bucket "$artifacts" --s3-prefix "$stage/$door" --output-template-file "build/package/$door/packaged.json" >/dev/null
    deploy "adgang-$stage-$door" "build/package/$door/packaged.json" "Stage=$stage" \
        "Zone=${ADGANG_ZONE:-Europe/Helsinki}" "Mode=${ADGANG_MODE:-test}" \
        "Currency=${ADGANG_CURRENCY:-EUR}" "Terms=${ADGANG_TERMS:-1}" "CloseGraceHours=${ADGANG_CLOSE_GRACE_HOURS:-3}" "VerifierUrl=${VERIFIER_URL:-}" \
        "ChargeMost=${ADGANG_CHARGE_MOST:-2000}" "ObjectionDays=${ADGANG_OBJECTION_DAYS:-14}" "WalletPays=${ADGANG_WALLET_PAYS:-partner}" \
        "Language=${ADGANG_LANGUAGE:-en}" "LapsedAfterMonths=${ADGANG_LAPSED_AFTER_MONTHS:-3}" "ValueMonths=${ADGANG_VALUE_MONTHS:-3}" \
        "PerDollar=${ADGANG_PER_DOLLAR:-1}" \
        "Tax=${ADGANG_TAX:-own}" "RestoredTables=${ADGANG_TABLES:-}" \
        ${own[@]+"${own[@]}"}
    aws cloudformation describe-stacks --region "$region" --stack-name "adgang-$stage-$door" \
        --query "Stacks[0].Outputs[?OutputKey=='EndpointURL'].OutputValue" --output text
done
