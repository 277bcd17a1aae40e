package status

import (
	"fmt"
	"time"

	"github.com/opencontainers/go-digest"

	"github.com/xiilab/astrago-ci/magefiles/internal/commitid"
	"github.com/xiilab/astrago-ci/magefiles/internal/imageref"
)

// DriftKind is one way in which what is there is not what was deployed.
type DriftKind string

// The ways.
const (
	HandEdit  DriftKind = "hand-edit"     // the values have a tag that no release, promotion or rollback set
	TakenOver DriftKind = "taken-over"    // the values have a tag that another service or repository set
	TagMoved  DriftKind = "tag-moved"     // the registry has another image under the tag than the one that was deployed
	ImageGone DriftKind = "image-missing" // the registry has no image under the tag
	OutOfSync DriftKind = "out-of-sync"   // what runs is not what the deployment repository says
	NotLive   DriftKind = "not-live"      // an image of the values does not run
)

// Drift is something that does not fit together.
type Drift struct {
	Kind   DriftKind   `json:"kind"`
	Want   string      `json:"want,omitempty"`   // the tag, digest or image that was deployed
	Have   string      `json:"have,omitempty"`   // what is there instead
	Writer string      `json:"writer,omitempty"` // the other service, with its repository
	By     string      `json:"by,omitempty"`     // the person, where known
	Time   *time.Time  `json:"time,omitempty"`
	Commit commitid.ID `json:"commit,omitempty"`
	URL    string      `json:"url,omitempty"`
}

// Text is the drift in one line.
func (d Drift) Text() string {
	switch d.Kind {
	case HandEdit:
		text := fmt.Sprintf("set by hand: %s was deployed, the values have %s", d.Want, d.Have)
		if d.By != "" {
			text += fmt.Sprintf(", by %s in %s", d.By, d.Commit.Short())
		}
		return text
	case TakenOver:
		text := fmt.Sprintf("set by %s: %s was deployed, the values have %s", d.Writer, d.Want, d.Have)
		if d.Commit != "" {
			text += ", in " + d.Commit.Short()
		}
		return text
	case TagMoved:
		return fmt.Sprintf("the tag has moved: %s was deployed, the registry has %s", imageref.ShortDigest(digest.Digest(d.Want)),
			imageref.ShortDigest(digest.Digest(d.Have)))
	case ImageGone:
		return "the registry has no image " + d.Want
	case OutOfSync:
		return "what runs is not what the deployment repository says: OutOfSync"
	case NotLive:
		return "it does not run: " + d.Want
	}
	return string(d.Kind)
}
