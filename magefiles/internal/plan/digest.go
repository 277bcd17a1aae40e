package plan

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
)

const sha256Prefix = "sha256:"

// pendingDigest stands in expressions for the digest of a component's image until the registry has the image.
func pendingDigest(component string) string {
	sum := sha256.Sum256([]byte("astrago-ci: digest that is not known yet, of " + component))
	return sha256Prefix + hex.EncodeToString(sum[:])
}

// Pinned returns the deployment with the digests of images filled in by component, "sha256:<64 hex>". A component without one
// keeps a text in its place that IsPending finds.
func (d Deployment) Pinned(digests map[string]string) Deployment {
	d.Files = slices.Clone(d.Files)
	for i := range d.Files {
		edits := slices.Clone(d.Files[i].Edits)
		for j, e := range edits {
			if digest := digests[e.Component]; digest != "" {
				edits[j] = e.withDigest(digest)
			}
		}
		d.Files[i].Edits = edits
	}
	return d
}

func (e Edit) withDigest(digest string) Edit {
	pending := pendingDigest(e.Component)
	words := []string{pending, digest}
	if hash, ok := strings.CutPrefix(digest, sha256Prefix); ok { // for a template that leaves the algorithm out
		words = append(words, strings.TrimPrefix(pending, sha256Prefix), hash)
	}
	fill := strings.NewReplacer(words...)
	expressions := make([]string, len(e.Expressions))
	for i, x := range e.Expressions {
		expressions[i] = fill.Replace(x)
	}
	e.Expressions, e.Digest = expressions, digest
	return e
}

// IsPending reports whether an expression still waits for the digest of the image.
func (e Edit) IsPending() bool {
	return slices.ContainsFunc(e.Expressions, func(x string) bool { return strings.Contains(x, e.PendingHash()) })
}

// Names returns the texts by which a value names the image: its tag, its digest, and its whole reference with either or
// both. An unknown digest is the text that stands for it.
func (e Edit) Names() []string {
	digest := e.Digest
	if digest == "" {
		digest = pendingDigest(e.Component)
	}
	tag, repository := e.Image.Tag, e.Image.Repository.String()
	if tag == "" {
		return nil
	}
	return []string{
		tag, digest, strings.TrimPrefix(digest, sha256Prefix), tag + "@" + digest,
		repository + ":" + tag, repository + "@" + digest, repository + ":" + tag + "@" + digest,
	}
}

// PendingHash is the part of an unknown digest behind its algorithm: the text that stands for it, which is never shown.
func (e Edit) PendingHash() string {
	return strings.TrimPrefix(pendingDigest(e.Component), sha256Prefix)
}
