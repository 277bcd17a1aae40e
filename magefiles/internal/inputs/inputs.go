// Package inputs knows what the images of a commit are made of: their keys, where the registry has an image of the same inputs, and
// whether the files that builds get are the commit's.
package inputs

import (
	"github.com/xiilab/astrago-ci/magefiles/internal/commitid"
	"github.com/xiilab/astrago-ci/magefiles/internal/identity"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/registry/inspect"
)

// Inputs identify the inputs of an image.
type Inputs struct {
	identity.Fingerprint        // of the files as they are; its Key is empty until `prepare` has run, where there is one
	PrepareKey           string // of what `prepare` makes them from; empty where it is not known, or nothing is prepared
	Why                  string // there is no key to look for
}

// matches reports whether an image that the registry has is made of the same.
func (in Inputs) matches(origin inspect.Origin) bool {
	return in.Key != "" && origin.Key == in.Key || in.PrepareKey != "" && origin.PrepareKey == in.PrepareKey
}

// isOf reports whether an image that the registry has is that of a commit: made of the same, or where nothing tells what either is
// made of, of this commit.
func (in Inputs) isOf(origin inspect.Origin, sha commitid.ID) bool {
	if origin.Key == "" && origin.PrepareKey == "" && in.Key == "" && in.PrepareKey == "" {
		return origin.Revision == sha
	}
	return in.matches(origin)
}

// equal reports whether two images are certain to be made of the same.
func (in Inputs) equal(other Inputs) bool {
	if in.Key != "" || other.Key != "" {
		return in.Key == other.Key
	}
	return in.PrepareKey != "" && in.PrepareKey == other.PrepareKey
}

// isStale reports whether the inputs were computed before `prepare` has run.
func (in Inputs) isStale(prepared bool) bool { return prepared && in.Key == "" && in.Unknown == "" }

// Aliases returns the tags by which later commits find an image of the keys.
func (in Inputs) Aliases() []string {
	switch {
	case in.Key == "":
		return nil
	case in.PrepareKey == "":
		return []string{plan.KeyTag(in.Key)}
	}
	return []string{plan.KeyTag(in.Key), plan.PrepareKeyTag(in.PrepareKey)}
}
