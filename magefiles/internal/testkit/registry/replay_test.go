package registry_test

import (
	"testing"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/random"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/validate"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/registry"
)

func TestKeepsItsContent(t *testing.T) {
	dir := t.TempDir()
	first := start(t, registry.Options{Dir: dir})
	image, err := random.Image(100, 2)
	if err != nil {
		t.Fatal(err)
	}
	index := mutate.AppendManifests(empty.Index, mutate.IndexAddendum{Add: image})
	auth, ctx := remote.WithAuth(&authn.Basic{Username: "octocat", Password: "s3cret"}), remote.WithContext(t.Context())
	ref, err := name.ParseReference(first.Addr() + "/acme/backend:1")
	if err != nil {
		t.Fatal(err)
	}
	if err := remote.WriteIndex(ref, index, auth, ctx); err != nil {
		t.Fatal(err)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	ref, err = name.ParseReference(start(t, registry.Options{Dir: dir}).Addr() + "/acme/backend:1")
	if err != nil {
		t.Fatal(err)
	}
	found, err := remote.Index(ref, auth, ctx)
	if err != nil {
		t.Fatal(err)
	}
	if err := validate.Index(found); err != nil {
		t.Error(err)
	}
}
