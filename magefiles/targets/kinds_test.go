package targets_test

import (
	"archive/tar"
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/remote"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/example"
)

// kind is one way in which something may get into an image that git's tree, or a second reader of the Dockerfile, does not show.
// Each is released, changed and released again.
type kind struct {
	dockerfile string            // at Dockerfile, unless files say otherwise
	keys       string            // of the component, as in astrago.yaml
	top        string            // lines at the top of astrago.yaml
	files      map[string]string // committed before the first release; a value that begins with "-> " is a link
	before     func(*sample)     // runs before the first release, after the commit
	change     func(*sample)     // what is to reach the image; it commits
	after      func(*sample)     // looks at the second release
	out        string            // file of the image that holds "one" before and "two" after; "" for the next
	refused    string            // word of the refusal of the second release
	code       int               // exit code of the refusal; 3 where it is none
	reused     bool              // the change makes the same image: it is only tagged
}

// sample is the application of one kind.
type sample struct{ *application }

// kinds releases each kind twice.
func kinds(t *testing.T, all map[string]kind) {
	t.Helper()
	w := newWorld(t)
	for what, k := range all {
		t.Run(what, func(t *testing.T) {
			s := w.sample(t, what, k)
			first, states := s.images("release", "-force") // nothing says when the value before it was made
			if states["app"] != "pushed" {
				t.Fatalf("the first release: %v", states)
			}
			if k.out != "" {
				s.holds(k.out, "one")
			}
			k.change(s)
			if k.refused != "" {
				s.refuse(cmp.Or(k.code, 3), []string{k.refused}, "release")
				return
			}
			second, states := s.images("release")
			if reused := second["app"] == first["app"]; reused != k.reused || reused != (states["app"] == "retagged") {
				t.Errorf("the second release: %v, %v; the first: %v", second, states, first)
			}
			if k.out != "" && !k.reused {
				s.holds(k.out, "two")
			}
			if k.after != nil {
				k.after(s)
			}
		})
	}
}

// sample makes the application, with a file of its own in the deployment repository.
func (w *world) sample(t *testing.T, what string, k kind) *sample {
	t.Helper()
	own := *w
	own.t = t
	id := strings.NewReplacer(" ", "-", "/", "-", ":", "").Replace(strings.ToLower(what))
	s := &sample{&application{world: &own, name: id, dir: filepath.Join(t.TempDir(), "app")}}
	values := "kinds/" + id + ".yaml"
	s.put(map[string]string{values: "app: { tag: none }\nother: { tag: none }\n"})
	if k.dockerfile != "" {
		s.write("Dockerfile", s.fill(k.dockerfile))
	}
	for path, content := range k.files {
		s.put1(path, s.fill(content))
	}
	s.write("astrago.yaml", fmt.Sprintf("version: 1\nservice: %s\nimage: %s/%s/%s\nload: none\n%scomponents:\n  app: { %s }\n"+
		"environments:\n  stage:\n    branches: [main]\n"+
		"    deploy: { repository: %s, branch: %s, file: %s, set: '.{{ .Component }}.tag = \"{{ .Tag }}\"' }\n",
		id, w.registry.Addr(), example.Owner, id, k.top, s.fill(k.keys), example.Deployment, example.Branch, values))
	git(t, s.dir, "init", "-q", "-b", "main")
	git(t, s.dir, "remote", "add", "origin", "https://github.com/"+example.Owner+"/"+id)
	s.commit("an application")
	if k.before != nil {
		k.before(s)
	}
	return s
}

// fill puts in where images are.
func (s *sample) fill(text string) string {
	return strings.NewReplacer("FROM BASE", "FROM "+s.base(), "REGISTRY", s.registry.Addr()).Replace(text)
}

// put1 writes a file or a link.
func (s *sample) put1(path, content string) {
	s.t.Helper()
	target, link := strings.CutPrefix(content, "-> ")
	if !link {
		s.write(path, content)
		return
	}
	s.must(os.MkdirAll(filepath.Dir(filepath.Join(s.dir, path)), 0o755))
	s.must(os.Symlink(target, filepath.Join(s.dir, path)))
}

// two commits new content of a file.
func two(path string) func(*sample) {
	return func(s *sample) {
		s.t.Helper()
		s.replace(path, "one", "two")
		s.commit("two")
	}
}

// holds wants a file of the image of this commit to hold a text.
func (s *sample) holds(path, want string) {
	s.t.Helper()
	files := s.image()
	if file, there := files[path]; !there || !strings.Contains(file.text, want) {
		s.t.Errorf("%s of the image holds %q, want %s", path, file.text, want)
	}
}

// file is one of an image.
type file struct {
	text string
	mode fs.FileMode
}

// image has the files of the image of this commit, by absolute path.
func (s *sample) image() map[string]file {
	s.t.Helper()
	image := s.pull(s.registry.Addr() + "/" + example.Owner + "/" + s.name + ":app-stage-" + s.shortSHA())
	content := mutate.Extract(image)
	defer content.Close()
	files := map[string]file{}
	for reader := tar.NewReader(content); ; {
		header, err := reader.Next()
		if errors.Is(err, io.EOF) {
			return files
		}
		s.must(err)
		data, err := io.ReadAll(reader)
		s.must(err)
		files["/"+strings.TrimPrefix(header.Name, "/")] = file{string(data), header.FileInfo().Mode()}
	}
}

// pull is an image of the registry.
func (s *sample) pull(reference string) v1.Image {
	s.t.Helper()
	ref, err := name.ParseReference(reference, name.Insecure)
	s.must(err)
	account := &authn.Basic{Username: "dev", Password: s.registryToken}
	image, err := remote.Image(ref, remote.WithAuth(account), remote.WithContext(s.t.Context()))
	s.must(err)
	return image
}

// another commits a file that no image has; see kind.files.
func another(s *sample) {
	s.t.Helper()
	s.write("b.txt", "x")
	s.commit("another")
}

// gitIn runs git in a folder of the application, with names for its commits and submodules from this machine.
func (s *sample) gitIn(dir string, args ...string) {
	s.t.Helper()
	options := []string{"-C", filepath.Join(s.dir, dir), "-c", "user.name=dev", "-c", "user.email=d@example.com", "-c", "protocol.file.allow=always"}
	args = append(options, args...)
	if out, err := exec.CommandContext(s.t.Context(), "git", args...).CombinedOutput(); err != nil {
		s.t.Fatalf("git %q: %v\n%s", args, err, out)
	}
}
