package report

import (
	"fmt"

	"github.com/opencontainers/go-digest"

	"github.com/xiilab/astrago-ci/magefiles/internal/component"
	"github.com/xiilab/astrago-ci/magefiles/internal/imageref"
)

// State is the way in which a run provided an image.
type State string

// The states of an image.
const (
	Built    State = "built"    // on this machine, not in the registry
	Pushed   State = "pushed"   // by this run
	Retagged State = "retagged" // the registry had it under another tag
	Exists   State = "exists"   // the registry had it with the same content
	NotSeen  State = "not seen" // a forced rollback could not look at it
)

// Image is one component's image.
type Image struct {
	Component    component.Name     `json:"component"`
	Ref          imageref.Reference `json:"ref"`                    // repository:tag
	Digest       digest.Digest      `json:"digest"`                 // sha256:...
	Size         int64              `json:"size"`                   // bytes of all its blobs, compressed; zero means unknown
	PreviousSize int64              `json:"previousSize,omitempty"` // of the image that the values named before; zero means unknown
	Steps        int                `json:"steps"`                  // zero means that nothing was built
	CachedSteps  int                `json:"cachedSteps"`
	State        State              `json:"state"`
	Loaded       string             `json:"loaded,omitempty"` // what on this machine can run it: docker or containerd
	Seconds      float64            `json:"seconds"`
	Action       string             `json:"action,omitempty"` // of a dry run: build, retag or done
	Why          string             `json:"why,omitempty"`    // that action, or that it was not seen
}

// Tag is the part of the reference behind the repository.
func (i Image) Tag() string { return i.Ref.Tag }

// Pinned is the reference with the digest: it names this content for ever.
func (i Image) Pinned() imageref.Reference { return i.Ref.WithDigest(i.Digest) }

// Growth is by how much the image is larger than the one before it, with a sign; empty where that is not known.
func (i Image) Growth() string {
	switch change := i.Size - i.PreviousSize; {
	case i.Size == 0 || i.PreviousSize == 0:
		return ""
	case change < 0:
		return "-" + Size(-change)
	default:
		return "+" + Size(change)
	}
}

// SizeText is the size for people, with the growth where that is known.
func (i Image) SizeText() string {
	if i.Size == 0 {
		return ""
	}
	if growth := i.Growth(); growth != "" {
		return Size(i.Size) + " (" + growth + ")"
	}
	return Size(i.Size)
}

// StepsText returns the number of cached steps of all steps, for an image that was built.
func (i Image) StepsText() string {
	if i.Steps == 0 {
		return ""
	}
	return fmt.Sprintf("%d/%d", i.CachedSteps, i.Steps)
}

// StateText returns the image's state, or in a dry run the planned action and its reason.
func (i Image) StateText() string {
	if i.State == "" && i.Action != "" {
		return i.Action + ": " + i.Why
	}
	return string(i.State)
}
