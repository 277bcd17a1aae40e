package push

import digest "github.com/opencontainers/go-digest"

// addSources keeps of the repositories that may have a target's layers those that can be mounted from: in the same registry, and not
// the target's own.
func (t *target) addSources() {
	for _, source := range t.Sources {
		if source.Host == t.Ref.Host && source.Path != t.Ref.Path {
			t.sources = append(t.sources, source.Path)
		}
	}
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
		at := place{i.owner.Ref.Host, i.desc.Digest}
		switch leader := first[at]; {
		case leader == nil:
			first[at] = i
			if len(i.owner.sources) > 0 {
				i.from = i.owner.sources[0]
			}
		default:
			i.from, i.follows = leader.owner.Ref.Path, true
		}
	}
}
