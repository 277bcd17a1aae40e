package plan

import (
	"slices"
	"strings"

	"github.com/opencontainers/go-digest"

	"github.com/xiilab/astrago-ci/magefiles/internal/component"
)

// pendingDigest stands in expressions for the digest of a component's image until the registry has the image.
func pendingDigest(name component.Name) digest.Digest {
	return digest.FromString("astrago-ci: digest that is not known yet, of " + string(name))
}

// Pinned returns the deployment with the digests of images filled in by component. A component without one keeps a text in its place
// that IsPending finds.
func (d Deployment) Pinned(digests map[component.Name]digest.Digest) Deployment {
	d.Files = slices.Clone(d.Files)
	for i := range d.Files {
		edits := slices.Clone(d.Files[i].Edits)
		for j, e := range edits {
			if known := digests[e.Component]; known != "" {
				edits[j] = e.withDigest(known)
			}
		}
		d.Files[i].Edits = edits
	}
	return d
}

// withDigest fills a digest in. What is not a digest, as a commit by hand may record it, fills nothing: the expression still waits for one.
func (e Edit) withDigest(known digest.Digest) Edit {
	if known.Validate() != nil {
		return e
	}
	pending := pendingDigest(e.Component)
	words := []string{pending.String(), known.String()}
	if known.Algorithm() == pending.Algorithm() { // for a template that leaves the algorithm out
		words = append(words, pending.Encoded(), known.Encoded())
	}
	fill := strings.NewReplacer(words...)
	expressions := make([]string, len(e.Expressions))
	for i, x := range e.Expressions {
		expressions[i] = fill.Replace(x)
	}
	e.Expressions, e.Digest = expressions, known
	return e
}

// IsPending reports whether an expression still waits for the digest of the image.
func (e Edit) IsPending() bool {
	return slices.ContainsFunc(e.Expressions, func(x string) bool { return strings.Contains(x, e.PendingHash()) })
}

// Names returns the texts by which a value names the image: its tag, its digest, and its whole reference with either or
// both. An unknown digest is the text that stands for it.
func (e Edit) Names() []string {
	named := e.Digest
	if named == "" {
		named = pendingDigest(e.Component)
	}
	tag, repository := e.Image.Tag, e.Image.Repository.String()
	if tag == "" {
		return nil
	}
	whole := named.String()
	return []string{
		tag, whole, named.Encoded(), tag + "@" + whole,
		repository + ":" + tag, repository + "@" + whole, repository + ":" + tag + "@" + whole,
	}
}

// PendingHash is the part of an unknown digest behind its algorithm: the text that stands for it, which is never shown.
func (e Edit) PendingHash() string { return pendingDigest(e.Component).Encoded() }
