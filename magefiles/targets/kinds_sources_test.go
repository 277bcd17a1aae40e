package targets_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-containerregistry/pkg/v1/mutate"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/example"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/registry"
)

// TestWhatDockerfilesNameReachesImages has addresses, base images and what they bring along count.
func TestWhatDockerfilesNameReachesImages(t *testing.T) {
	var content atomic.Value
	content.Store("one")
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, content.Load()) }))
	t.Cleanup(server.Close)
	another := func(s *sample) {
		content.Store("two")
		s.write("b.txt", "x")
		s.commit("another")
	}
	reset := func(*sample) { content.Store("one") }
	kinds(t, map[string]kind{
		"address behind a variable": {dockerfile: "FROM BASE\nARG URL=" + server.URL + "/f\nADD ${URL} /out\n", out: "/out", before: reset, change: another},
		"address of args":           {dockerfile: "FROM BASE\nARG URL\nADD ${URL} /out\n", keys: "args: { URL: " + server.URL + "/f }", out: "/out", before: reset, change: another},
		"empty checksum":            {dockerfile: "FROM BASE\nARG SUM=\nADD --checksum=$SUM " + server.URL + "/f /out\n", out: "/out", before: reset, change: another},
		"steps of a base image": {
			dockerfile: "FROM REGISTRY/acme/onbuild:1\n", files: map[string]string{"a.txt": "one"}, out: "/on",
			before: func(s *sample) { s.baseWith("onbuild:1", "/unused", "COPY a.txt /on") }, change: two("a.txt"),
		},
		"moved base image": {
			dockerfile: "FROM REGISTRY/acme/moving:1\n", out: "/v",
			before: func(s *sample) { s.baseWith("moving:1", "one") }, change: func(s *sample) {
				s.baseWith("moving:1", "two")
				s.write("b.txt", "x")
				s.commit("another")
			},
		},
		"platform in the default of an argument": {
			dockerfile: "ARG BASED=REGISTRY/acme/mv:1-${TARGETARCH:-none}\nFROM $BASED\n", out: "/v",
			before: func(s *sample) { s.baseWith("mv:1-"+runtime.GOARCH, "one") }, change: func(s *sample) {
				s.baseWith("mv:1-"+runtime.GOARCH, "two")
				s.write("b.txt", "x")
				s.commit("another")
			},
		},
		"named image": {
			dockerfile: "FROM base2\n", keys: "contexts: { base2: 'docker-image://REGISTRY/acme/named:1' }", out: "/v",
			before: func(s *sample) { s.baseWith("named:1", "one") }, change: func(s *sample) {
				s.baseWith("named:1", "two")
				s.write("b.txt", "x")
				s.commit("another")
			},
		},
	})
}

// baseWith pushes a base image whose /v has a text, with steps for those that build upon it.
func (s *sample) baseWith(reference, text string, onbuild ...string) {
	s.t.Helper()
	image, err := registry.Image(map[string][]byte{"v": []byte(text)})
	s.must(err)
	file, err := image.ConfigFile()
	s.must(err)
	config := file.Config
	config.OnBuild = onbuild
	image, err = mutate.Config(image, config)
	s.must(err)
	_, err = registry.Push(s.t.Context(), s.registry.Addr()+"/"+example.Owner+"/"+reference, image, "dev", s.registryToken)
	s.must(err)
}

// TestPreparedImages looks at what `prepare` is made from before it runs, and at what it made after.
func TestPreparedImages(t *testing.T) {
	const made = "FROM BASE\nCOPY build/out.txt /out\n"
	const prepare = "prepare: { run: ['mkdir -p build && cat src/a.txt > build/out.txt'], ignore: ['docs/**'], env: [FLAVOUR] }\n"
	files := map[string]string{"src/a.txt": "one", "docs/a.md": "x", ".gitignore": "/build\n.env\n/.astrago\n"}
	fresh := func(s *sample) { s.git("clean", "-qfdx") }
	kinds(t, map[string]kind{
		"source": {top: prepare, dockerfile: made, files: files, out: "/out", change: two("src/a.txt")},
		"ignored document": {top: prepare, dockerfile: made, files: files, reused: true, change: func(s *sample) {
			fresh(s)
			s.write("docs/b.md", "x")
			s.commit("a word")
			if got := s.succeed("plan"); !strings.Contains(got.stdout, "retag") {
				s.t.Errorf("the plan says\n%s", got.stdout)
			}
		}},
		"the same made of another source": {top: prepare, dockerfile: made, files: files, reused: true, change: func(s *sample) {
			s.write("src/b.txt", "which is not compiled")
			s.commit("another source")
		}},
		"ignored document that is sent": {top: prepare, dockerfile: made + "COPY docs /docs\n", files: files, change: func(s *sample) {
			s.write("docs/b.md", "x")
			s.commit("a word")
		}},
		"variable": {
			top: strings.Replace(prepare, "build/out.txt'", "build/out.txt && echo $FLAVOUR >> build/out.txt'", 1), dockerfile: made, files: files, out: "/out",
			before: func(s *sample) { s.env = []string{"FLAVOUR=plain"} }, change: func(s *sample) {
				fresh(s)
				s.env = []string{"FLAVOUR=two"}
				s.write("docs/b.md", "x")
				s.commit("a word")
			},
		},
		"ignored file that is sent": {
			top: prepare, dockerfile: "FROM BASE\nCOPY .env /out\n", files: files, out: "/out",
			before: func(s *sample) { s.write(".env", "one") }, change: func(s *sample) {
				s.write(".env", "two")
				s.write("docs/b.md", "x")
				s.commit("a word")
			},
		},
		"ignored file that is read": {
			top: strings.Replace(prepare, "cat src/a.txt", "cat conf/.env", 1), dockerfile: made, files: files, out: "/out",
			before: func(s *sample) { s.write("conf/.env", "one") }, change: func(s *sample) {
				fresh(s)
				s.write("conf/.env", "two")
				s.write("docs/b.md", "x")
				s.commit("a word")
			},
		},
		"changed tracked file": {
			top: strings.Replace(prepare, "cat src", "date +%N >> docs/a.md; cat src", 1), dockerfile: made, files: files,
			before: func(s *sample) { s.replace("astrago.yaml", "date +%N >> docs/a.md; ", ""); s.commit("make") }, refused: "docs/a.md",
			change: func(s *sample) {
				s.replace("astrago.yaml", "cat src/a", "date +%N >> docs/a.md; cat src/a")
				s.commit("changes what git has")
			},
		},
	})
}

// TestArchivesThatVary tells of what `prepare` makes anew in each run, where it was made of the same before.
func TestArchivesThatVary(t *testing.T) {
	w := newWorld(t)
	s := w.sample(t, "varying", kind{
		dockerfile: "FROM BASE\nCOPY build/out.txt /out\n", files: map[string]string{"a.txt": "one", ".gitignore": "/build\n/.astrago\n"},
		top: "prepare: { run: ['mkdir -p build && date +%N > build/out.txt'], ignore: a.txt }\n",
	})
	s.replace("astrago.yaml", "components:\n", "components:\n  second: { dockerfile: second.Dockerfile }\n")
	s.replace("astrago.yaml", ".app.tag =", ".{{ .Component }}.tag =")
	s.put(map[string]string{"kinds/varying.yaml": "app: { tag: none }\nsecond: { tag: none }\n"})
	s.write("second.Dockerfile", s.fill("FROM BASE\nCOPY a.txt /\n"))
	s.commit("two components")
	s.succeed("release", "-force")
	s.git("clean", "-qfdx")
	s.write("a.txt", "two") // which only the second one has
	s.commit("another")
	if got := s.succeed("release"); !strings.Contains(got.stderr, "app: `prepare` has made other files") {
		t.Errorf("the release says\n%s", got.stderr)
	}
}

// TestPrepareIgnoreThatMatchesNothing is wrong usage, with its place.
func TestPrepareIgnoreThatMatchesNothing(t *testing.T) {
	w := newWorld(t)
	s := w.sample(t, "typo", kind{dockerfile: "FROM BASE\n", top: "prepare: { run: 'true', ignore: [Dockerfile, dcos] }\n"})
	s.refuse(2, []string{"astrago.yaml:5:", `"dcos"`, "as in .dockerignore"}, "plan")
	s.refuse(2, []string{`"dcos"`}, "release", "-force")
}

// TestSecretsStayOutOfImages leaves the file of a secret out of what is copied, and what it holds out of the key.
func TestSecretsStayOutOfImages(t *testing.T) {
	kinds(t, map[string]kind{"file of a secret": {
		dockerfile: "FROM BASE\nCOPY . /s\n", keys: "secrets: [{ id: npmrc, file: .npmrc }]", reused: true,
		files:  map[string]string{"a.txt": "one", ".gitignore": ".npmrc\n/.astrago\n", ".dockerignore": ".git\nb.txt\n"},
		before: func(s *sample) { s.write(".npmrc", "token one") }, out: "/s/a.txt", change: func(s *sample) {
			for path, data := range s.image() {
				if strings.Contains(path, ".npmrc") || strings.Contains(data, "token one") {
					s.t.Errorf("the image has %s", path)
				}
			}
			s.write(".npmrc", "token two")
			s.write("b.txt", "x")
			s.commit("another")
		},
	}})
}

// TestRebuildsAreFollowed builds the same twice more, and has the next commits take what was built last: by the registry, by what
// is kept here, and where tags cannot move.
func TestRebuildsAreFollowed(t *testing.T) {
	for name, immutable := range map[string]bool{"moving tags": false, "immutable tags": true} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			if immutable {
				w.registry.Inject(registry.Immutable())
			}
			s := w.sample(t, "rebuilt", kind{dockerfile: "FROM BASE\nRUN write /out one\n", files: map[string]string{".dockerignore": "*\n"}})
			first, _ := s.images("release", "-force")
			digests := map[string]bool{first["app"]: true}
			for i := range 3 {
				s.write("b.txt", fmt.Sprint(i))
				s.commit("another")
				got := s.succeed("release", "-rebuild")
				if strings.Contains(got.stderr, "notice:") {
					t.Errorf("the rebuild says\n%s", got.stderr)
				}
				rebuilt, _ := s.images("release")
				digests[rebuilt["app"]] = true
				s.write("b.txt", fmt.Sprint("next ", i))
				s.commit("the next one")
				if next, states := s.images("release"); next["app"] != rebuilt["app"] || states["app"] != "retagged" {
					t.Errorf("after rebuild %d: %v, %v, want %v", i, next, states, rebuilt)
				}
			}
			if len(digests) != 4 {
				t.Errorf("the rebuilds are %v", digests)
			}
		})
	}
}
