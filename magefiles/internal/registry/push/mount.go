package push

import (
	digest "github.com/opencontainers/go-digest"

	"github.com/xiilab/astrago-ci/magefiles/internal/imageref"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

// addSources reads the repositories that may have a target's layers, and keeps those that can be mounted from: in the same
// registry, and not the target's own.
func (t *target) addSources() error {
	for _, source := range t.Sources {
		r, err := imageref.Parse(source)
		if err != nil {
			return err
		}
		if r.Tag != "" || r.Digest != "" {
			return problem.New(problem.Usage, "give the repository alone: host/owner/name", "pushing %q: %q names an image", t.ref, source)
		}
		if r.Host == t.ref.Host && r.Path != t.ref.Path {
			t.sources = append(t.sources, r.Path)
		}
	}
	return nil
}

// shareBlobs makes the first repository of a registry that needs a blob the one that the others mount it from. What no
// other image of this push has may be in one of the image's sources.
func (u *uploader) shareBlobs() {
	type place struct {
		host   string
		digest digest.Digest
	}
	first := map[place]*contentItem{}
	for _, i := range u.contents {
		if i.level > 0 {
			continue // a manifest cannot be mounted
		}
		at := place{i.owner.ref.Host, i.desc.Digest}
		switch leader := first[at]; {
		case leader == nil:
			first[at] = i
			if len(i.owner.sources) > 0 {
				i.from = i.owner.sources[0]
			}
		default:
			i.from, i.follows = leader.owner.ref.Path, true
		}
	}
}
