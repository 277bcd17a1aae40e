package identity

import (
	"maps"
	"slices"
	"strings"

	spb "github.com/moby/buildkit/sourcepolicy/pb"
	"github.com/opencontainers/go-digest"
)

// Pins has a daemon take the images that were resolved here, by Fingerprint.Bases: it may look them up later, or in a mirror
// that lags behind. A named context would do the same, and replace a stage of that name without a word.
func Pins(bases map[string]digest.Digest) *spb.Policy {
	policy := &spb.Policy{Version: 1}
	for _, name := range slices.Sorted(maps.Keys(bases)) {
		if strings.Contains(name, "@") {
			continue
		}
		policy.Rules = append(policy.Rules, &spb.Rule{
			Action:   spb.PolicyAction_CONVERT,
			Selector: &spb.Selector{Identifier: imageScheme + name, MatchType: spb.MatchType_EXACT},
			Updates:  &spb.Update{Identifier: imageScheme + withDigest(name, bases[name])},
		})
	}
	return policy
}
