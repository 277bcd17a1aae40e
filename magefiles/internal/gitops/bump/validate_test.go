package bump_test

import (
	"strings"
	"testing"

	"github.com/opencontainers/go-digest"

	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/bump"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/refs"
)

// TestValidate refuses to deploy what the registry has not shown, but for a rollback that a person has forced past it.
func TestValidate(t *testing.T) {
	ref := refs.Image("ghcr.io/acme/shop:core-1")
	known := digest.FromString("core")
	for name, test := range map[string]struct {
		images   []bump.Image
		rollback bool
		pending  bool // the expression asks for a digest
		refused  string
	}{
		"resolved":                    {images: []bump.Image{{Component: "core", Ref: ref, Digest: known}}},
		"not looked up":               {refused: "no digest of the image is known"},
		"not in the registry":         {images: []bump.Image{{Component: "core", Ref: ref}}, refused: "no digest of the image is known"},
		"what is not a digest":        {images: []bump.Image{{Component: "core", Ref: ref, Digest: "sha256:1"}}, refused: "no digest of the image is known"},
		"another tag":                 {images: []bump.Image{{Component: "core", Ref: refs.Image("ghcr.io/acme/shop:core-2"), Digest: known}}, refused: "no digest"},
		"unseen, of a release":        {images: []bump.Image{{Component: "core", Ref: ref, Unseen: true}}, refused: "no digest of the image is known"},
		"unseen, of a rollback":       {images: []bump.Image{{Component: "core", Ref: ref, Unseen: true}}, rollback: true},
		"by digest":                   {images: []bump.Image{{Component: "core", Ref: ref, Digest: known}}, pending: true},
		"by a digest of another kind": {images: []bump.Image{{Component: "core", Ref: ref, Digest: digest.SHA512.FromString("core")}}, pending: true, refused: "cannot be filled"},
	} {
		edit := plan.Edit{Component: "core", Image: ref, Expressions: []string{`.core.tag = "core-1"`}}
		if test.pending {
			edit.Expressions[0] = `.core.hash = "` + edit.PendingHash() + `"`
		}
		b := plain()
		b.Images, b.Deployment.Files[0].Edits = test.images, []plan.Edit{edit}
		if test.rollback {
			b.Rollback = &bump.Rollback{}
		}
		err := b.Pinned().Validate()
		p := problem.As(err)
		if (err == nil) != (test.refused == "") || err != nil && (p == nil || p.Status != problem.Refused || !strings.Contains(err.Error(), test.refused)) {
			t.Errorf("%s: %v, want %q", name, err, test.refused)
		}
	}
}
