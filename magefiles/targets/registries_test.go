package targets_test

import (
	"io"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/validate"

	debian "github.com/xiilab/astrago-ci/magefiles/internal/testkit/daemon"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/distribution"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/dockerregistry"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/registry"
)

// TestEveryWayIntoEveryRegistry builds one commit for three registries, by way of .astrago/images and pushed by the daemon: the
// digest is the same everywhere, and another implementation reads all that it names.
func TestEveryWayIntoEveryRegistry(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	type server interface {
		io.Closer
		Addr() string
	}
	const user = "dev"
	others := map[string]func() (server, error){
		"go-containerregistry": func() (server, error) {
			s, err := registry.Start(registry.Options{})
			if err == nil {
				s.AddUser(user, w.registryToken, registry.Grant{Repository: "acme/*", Push: true})
			}
			return s, err
		},
		"distribution": func() (server, error) {
			return distribution.Start(distribution.Options{User: user, Password: w.registryToken})
		},
		"docker-registry": func() (server, error) {
			if err := dockerregistry.Install(t.Context(), t.Logf); err != nil {
				debian.Require(t, debian.NotInstalled{Err: err})
			}
			return dockerregistry.Start(t.Context(), user, w.registryToken)
		},
	}
	digests := map[string][]string{}
	for kind, start := range others {
		s, err := start()
		w.must(err)
		t.Cleanup(func() { w.must(s.Close()) })
		for _, output := range []string{"store", "registry"} {
			a := w.plainApplication(s.Addr()+"/acme/"+output, output)
			a.env = append(a.env, "GHCR_HOST="+s.Addr())
			a.succeed("build")
			ref, digest, _ := strings.Cut(strings.TrimSpace(a.succeed("push").stdout), "@")
			digests[digest] = append(digests[digest], kind+" by "+output)
			requireImage(t, ref, digest, user, w.registryToken)
		}
	}
	if len(digests) != 1 {
		t.Errorf("the digests are %q", digests)
	}
}

// plainApplication has one small image. Its commit is the same wherever the image goes.
func (w *world) plainApplication(image, output string) *application {
	w.t.Helper()
	a := &application{world: w, name: "plain", dir: filepath.Join(w.t.TempDir(), "plain")}
	a.write("src/main.txt", "source")
	a.write("Dockerfile", "FROM scratch\nCOPY src/ /src/\n")
	git(w.t, a.dir, "init", "-q", "-b", "main")
	a.commit("an application")
	a.write(".git/info/exclude", "astrago.yaml\n")
	a.write("astrago.yaml", "version: 1\nservice: plain\nimage: "+image+"\nload: none\noutput: "+output+
		"\ncomponents:\n  app: {}\nenvironments:\n  stage:\n    branches: [main]\n"+
		"    deploy: { repository: acme/deployment, branch: main, file: values.yaml, set: '.app.tag = \"{{ .Tag }}\"' }\n")
	return a
}

// requireImage has go-containerregistry read a tag, and every byte below it.
func requireImage(t *testing.T, reference, digest, user, password string) {
	t.Helper()
	ref, err := name.NewTag(reference, name.Insecure)
	if err != nil {
		t.Fatal(err)
	}
	img, err := remote.Image(ref, remote.WithAuth(&authn.Basic{Username: user, Password: password}), remote.WithContext(t.Context()))
	if err == nil {
		err = validate.Image(img)
	}
	if err != nil {
		t.Fatalf("%s: %v", ref, err)
	}
	if found, err := img.Digest(); err != nil || found.String() != digest {
		t.Errorf("%s is %s (%v), want %s", ref, found, err, digest)
	}
}
