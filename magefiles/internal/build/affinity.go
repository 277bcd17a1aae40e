package build

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"slices"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
)

// affinities give for each component what decides where it is built: its repository, Dockerfile and target, or those of
// another one that it is connected with through needs. Their common steps are then run once.
func affinities(project string, images []plan.Image) map[string]string {
	keys := map[string]string{}
	for _, img := range images {
		connected := withNeeds(img)
		key := ""
		for _, c := range connected {
			own := strings.Join([]string{project, c.Dockerfile, c.Target}, "\x00")
			if k, ok := keys[c.Component]; ok { // an earlier component is connected with it
				own = k
			}
			if key == "" || own < key {
				key = own
			}
		}
		for _, c := range connected {
			if old, ok := keys[c.Component]; ok && old != key {
				rename(keys, old, key)
			}
			keys[c.Component] = key
		}
	}
	return keys
}

func rename(keys map[string]string, from, to string) {
	for component, key := range keys {
		if key == from {
			keys[component] = to
		}
	}
}

// choose is rendezvous hashing with bounded load (Thaler and Ravishankar 1998; Mirrokni, Thorup and Zadimoghaddam 2016): the
// members are ranked by a hash of key and member, and the first takes the key that has not more than a quarter above its
// fair share of all components then. Without a member, nil.
func choose(key string, weight, components int, members []*member) *member {
	if len(members) == 0 {
		return nil
	}
	ranked := slices.Clone(members)
	slices.SortStableFunc(ranked, func(a, b *member) int { return cmp.Compare(score(key, b.Address), score(key, a.Address)) })
	bound := (5*components + 4*len(members) - 1) / (4 * len(members))
	for _, m := range ranked {
		if m.load+weight <= max(bound, weight) {
			return m
		}
	}
	return slices.MinFunc(ranked, func(a, b *member) int { return cmp.Compare(a.load, b.load) })
}

func score(key, address string) uint64 {
	sum := sha256.Sum256([]byte(key + "\x00" + address))
	return binary.BigEndian.Uint64(sum[:])
}
