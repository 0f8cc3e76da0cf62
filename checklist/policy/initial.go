package policy

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"strconv"
)

// NewRepositoryID is a random id, 32 hexadecimal digits.
func NewRepositoryID() string {
	id := make([]byte, 16)
	_, _ = rand.Read(id) // never fails, by its documentation
	return hex.EncodeToString(id)
}

// Initial is the policy file that init writes: the id and the target, and what else there is as comments.
func Initial(repository, target string) []byte {
	return fmt.Appendf(nil, initial, strconv.Quote(repository), strconv.Quote(target))
}

const initial = `# The rules of this repository for flightpoll. They count from the tip of the target branch.
version: 1

# A record signed for another repository does not count here.
repository: %s
target: %s

# Everything below is optional; what is shown is the default or an example.

# Environments are discovered; name their files (base first, overlay last) where that goes wrong.
# environments:
#   production: [deploy/base.env, deploy/production.env]
#   staging: [deploy/base.env, deploy/staging.env]
# flags: {manifests: [flags/flagd.json]}

# The patterns' shares in your own incidents.
# weights: {contracts: 27, environment: 21, scripts: 18, observability: 17, review: 17}

# blocker, warning, note or off.
# detectors:
#   observability/blind-handler: {severity: note}

# What is known and let pass, until a date and for a reason.
# ignore:
#   - {detector: contracts/stale-mock, paths: ["legacy/**"], reason: "kept for v1 clients", until: 2027-03-31}

# Questions of your own.
# items:
#   - id: pricing-approved
#     pattern: review
#     ask: Has the pricing team seen the new numbers?
#     when: {paths: ["pricing/**"]}
#     evidence: person

# require:
#   signers: {author: 1}
#   freshness: delta
#   max_age: 14d
#   presence: false
#   waivers_by: [reviewer]
`
