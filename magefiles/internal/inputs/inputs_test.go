package inputs_test

import (
	"io/fs"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/opencontainers/go-digest"

	"github.com/xiilab/astrago-ci/magefiles/internal/config"
	"github.com/xiilab/astrago-ci/magefiles/internal/inputs"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/source"
)

// world is an application with an image; a test changes something and looks at what that does to the inputs.
type world struct {
	image   plan.Image
	prepare []string
	files   map[string]string
	ignored []string
}

func newWorld() *world {
	return &world{
		image: plan.Image{
			Component: "core", Repository: "ghcr.io/acme/shop", Tag: "core-stage-0a1b2c3d", Context: "app", Dockerfile: "docker/Dockerfile",
			Args: map[string]string{"JDK": "21"}, OwnLabels: map[string]string{"team": "core"}, Platforms: []string{"linux/amd64"},
		},
		files: map[string]string{
			"app/main.go": "package main", "app/doc/a.md": "doc", "app/.dockerignore": "doc\n", "other/file": "x",
			"docker/Dockerfile": "ARG JDK\nFROM docker.io/library/jdk:${JDK} AS build\nRUN make\nFROM gcr.io/base/static\nCOPY --from=build /a /a\n",
		},
	}
}

func (w *world) of() inputs.Inputs {
	tree := source.Tree{Ignored: w.ignored}
	for _, path := range slices.Sorted(maps.Keys(w.files)) {
		tree.Files = append(tree.Files, source.File{Path: path, Mode: "100644", ID: digest.FromString(w.files[path]).Encoded()})
	}
	return inputs.Of(w.image, w.prepare, tree, func(path string) ([]byte, error) {
		content, ok := w.files[path]
		if !ok {
			return nil, fs.ErrNotExist
		}
		return []byte(content), nil
	})
}

func TestOf(t *testing.T) {
	before := newWorld().of()
	if before.Unknown != "" || len(before.Sources) != 64 {
		t.Fatalf("%+v", before)
	}
	if want := []string{"docker.io/library/jdk:21", "gcr.io/base/static:latest"}; !slices.Equal(before.Bases, want) {
		t.Errorf("bases %q", before.Bases)
	}
	for name, test := range map[string]struct {
		change func(*world)
		same   bool
	}{
		"nothing":                         {func(*world) {}, true},
		"another commit's tag and labels": {func(w *world) { w.image.Tag, w.image.Labels = "x", map[string]string{plan.RevisionLabel: "y"} }, true},
		"a file outside of the context":   {func(w *world) { w.files["other/file"] = "y" }, true},
		"a file that is left out":         {func(w *world) { w.files["app/doc/a.md"] = "more" }, true},
		"a secret":                        {func(w *world) { w.image.Secrets = []config.Secret{{ID: "npm", Env: "NPM"}} }, true},
		"an attestation":                  {func(w *world) { w.image.Provenance, w.image.SBOM = config.ProvenanceMax, "true" }, true},
		"a cache":                         {func(w *world) { w.image.Cache.Image = "ghcr.io/acme/cache" }, true},
		"a file":                          {func(w *world) { w.files["app/main.go"] = "package other" }, false},
		"a new file":                      {func(w *world) { w.files["app/new"] = "" }, false},
		"a renamed file":                  {func(w *world) { w.files["app/b"] = w.files["app/main.go"]; delete(w.files, "app/main.go") }, false},
		"what is left out":                {func(w *world) { w.files["app/.dockerignore"] = "" }, false},
		"an ignore file of its own":       {func(w *world) { w.files["docker/Dockerfile.dockerignore"] = "main.go" }, false},
		"the Dockerfile":                  {func(w *world) { w.files["docker/Dockerfile"] += "ENV A=b\n" }, false},
		"an argument":                     {func(w *world) { w.image.Args = map[string]string{"JDK": "22"} }, false},
		"a label":                         {func(w *world) { w.image.OwnLabels["team"] = "web" }, false},
		"the target":                      {func(w *world) { w.image.Target = "build" }, false},
		"the platforms":                   {func(w *world) { w.image.Platforms = []string{"linux/arm64"} }, false},
		"another component":               {func(w *world) { w.image.Component = "batch" }, false},
		"a prepare command":               {func(w *world) { w.prepare = []string{"make"} }, false},
		"a named context":                 {func(w *world) { w.image.Contexts = map[string]string{"lib": "other"} }, false},
		"patterns":                        {func(w *world) { w.image.Inputs = []string{"app/*.go"} }, false},
		"a needed component": {func(w *world) {
			w.image.Needs = []plan.Image{{Component: "lib", Context: "other", Dockerfile: "docker/Dockerfile", Args: w.image.Args}}
		}, false},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld()
			test.change(w)
			if after := w.of(); after.Unknown != "" || (after.Sources == before.Sources) != test.same {
				t.Errorf("same is %v: %+v", after.Sources == before.Sources, after)
			}
		})
	}
}

func TestOfFollowsPatternsContextsAndNeeds(t *testing.T) {
	w := newWorld()
	w.image.Inputs = []string{"app", "!app/doc", "**/*.gradle"}
	before := w.of()
	for name, same := range map[string]bool{"app/doc/a.md": true, "other/file": true, "app/main.go": false, "build.gradle": false, "a/b.gradle": false} {
		w := newWorld()
		w.image.Inputs = []string{"app", "!app/doc", "**/*.gradle"}
		w.files[name] = "changed"
		if after := w.of(); (after.Sources == before.Sources) != same {
			t.Errorf("%s: same is %v", name, !same)
		}
	}
	needing := func(content string) inputs.Inputs {
		w := newWorld()
		w.files["lib/file"], w.files["lib/Dockerfile"] = content, "FROM docker.io/library/libbase:1\n"
		w.files["docker/Dockerfile"] = "FROM lib\nCOPY --from=proto / /\n"
		w.image.Contexts = map[string]string{"proto": "other", "up": config.ImageScheme + "docker.io/acme/up:1"}
		w.image.Needs = []plan.Image{{Component: "lib", Context: "lib", Dockerfile: "lib/Dockerfile"}}
		return w.of()
	}
	a, b := needing("a"), needing("b")
	if a.Sources == b.Sources {
		t.Error("a change of what is needed changes nothing")
	}
	if want := []string{"docker.io/acme/up:1", "docker.io/library/libbase:1"}; !slices.Equal(a.Bases, want) {
		t.Errorf("bases %q, want %q", a.Bases, want)
	}
}

// Patterns name files; what leaves some of them out of the build counts without being named.
func TestIgnoreFilesCountBesidePatterns(t *testing.T) {
	of := func(change func(*world)) string {
		w := newWorld()
		w.image.Inputs, w.image.Contexts = []string{"**/*.go"}, map[string]string{"lib": "other"}
		change(w)
		return w.of().Sources
	}
	before := of(func(*world) {})
	if of(func(w *world) { w.files["app/doc/a.md"] = "more" }) != before {
		t.Error("a file that no pattern names changes the inputs")
	}
	for name, change := range map[string]func(*world){
		"the context's":        func(w *world) { w.files["app/.dockerignore"] = "doc\n*.txt\n" },
		"the Dockerfile's":     func(w *world) { w.files["docker/Dockerfile.dockerignore"] = "doc\n" },
		"a named context's":    func(w *world) { w.files["other/.dockerignore"] = "file\n" },
		"without any":          func(w *world) { delete(w.files, "app/.dockerignore") },
		"the directory itself": func(w *world) { w.image.Context = "." },
	} {
		if of(change) == before {
			t.Errorf("%s changes nothing", name)
		}
	}
}

// What cannot be summed up is never taken for something known.
func TestOfSaysWhatItDoesNotKnow(t *testing.T) {
	for name, test := range map[string]struct {
		change func(*world)
		want   string
	}{
		"an ignored file":      {func(w *world) { w.ignored = []string{"app/.env"} }, "app/.env, which git ignores"},
		"an ignored directory": {func(w *world) { w.ignored = []string{"app/build/"} }, "app/build/"},
		"an exception below what is left out": {func(w *world) {
			w.ignored, w.files["app/.dockerignore"] = []string{"app/build/"}, "build\n!build/libs\n"
		}, "app/build/"},
		"an address":       {func(w *world) { w.files["docker/Dockerfile"] = "FROM scratch\nADD https://example.com/x /x\n" }, "--checksum"},
		"a builder's own":  {func(w *world) { w.files["docker/Dockerfile"] = "FROM base-${TARGETARCH}\n" }, "TARGETARCH"},
		"no Dockerfile":    {func(w *world) { delete(w.files, "docker/Dockerfile") }, "cannot be read"},
		"an instruction":   {func(w *world) { w.files["docker/Dockerfile"] = "FROM scratch\nFLY away\n" }, "not known here"},
		"an invalid image": {func(w *world) { w.files["docker/Dockerfile"] = "FROM UPPER/Case:x\n" }, "no name of an image"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld()
			test.change(w)
			if got := w.of(); !strings.Contains(got.Unknown, test.want) || got.Digest("v1", nil) != "" {
				t.Errorf("%+v", got)
			}
		})
	}
	for name, change := range map[string]func(*world){
		"outside of the context": func(w *world) { w.ignored = []string{"node_modules/", ".env"} },
		"left out": func(w *world) {
			w.ignored, w.files["app/.dockerignore"] = []string{"app/build/", "app/.env"}, "build\n.env\n"
		},
		"named by patterns": func(w *world) { w.ignored, w.image.Inputs = []string{"app/build/"}, []string{"**"} },
		"with a checksum": func(w *world) {
			w.files["docker/Dockerfile"] = "FROM scratch\nADD --checksum=sha256:24454f830cdb571e2c4ad15481119c43b3cafd48dd869a9b2945d1036d1dc68d https://example.com/x /x\n"
		},
	} {
		w := newWorld()
		change(w)
		if got := w.of(); got.Unknown != "" {
			t.Errorf("%s: %s", name, got.Unknown)
		}
	}
}

func TestBasesOfADockerfile(t *testing.T) {
	pin := "@sha256:24454f830cdb571e2c4ad15481119c43b3cafd48dd869a9b2945d1036d1dc68d"
	for name, test := range map[string]struct {
		dockerfile, target string
		want               []string
	}{
		"one":                      {"FROM alpine\n", "", []string{"docker.io/library/alpine:latest"}},
		"pinned":                   {"FROM alpine:3" + pin + "\n", "", nil},
		"scratch":                  {"FROM scratch\nCOPY a /\n", "", nil},
		"a stage that is not used": {"FROM a AS x\nFROM b AS y\nFROM c\n", "", []string{"docker.io/library/c:latest"}},
		"a target":                 {"FROM a AS x\nFROM x AS y\nFROM c\n", "Y", []string{"docker.io/library/a:latest"}},
		"a target by number":       {"FROM a\nFROM c\n", "0", []string{"docker.io/library/a:latest"}},
		"copied from":              {"FROM scratch AS x\nFROM x\nCOPY --from=quay.io/b/c:1 / /\nCOPY --from=0 / /\n", "", []string{"quay.io/b/c:1"}},
		"mounted from":             {"FROM scratch\nRUN --mount=type=bind,from=tools:2,target=/t make\n", "", []string{"docker.io/library/tools:2"}},
		"a default":                {"ARG V=3\nARG I=alpine:${V}\nFROM ${I}\n", "", []string{"docker.io/library/alpine:3"}},
		"a default in place":       {"FROM alpine:${V:-3}\n", "", []string{"docker.io/library/alpine:3"}},
		"the configuration's":      {"ARG JDK=8\nFROM jdk:$JDK\n", "", []string{"docker.io/library/jdk:21"}},
		"a platform":               {"FROM --platform=$BUILDPLATFORM golang:1 AS x\nFROM scratch\nCOPY --from=x / /\n", "", []string{"docker.io/library/golang:1"}},
		"a syntax":                 {"# syntax=docker/dockerfile:1\nFROM scratch\n", "", []string{"docker.io/docker/dockerfile:1"}},
		"itself is an image":       {"FROM node AS node\n", "", []string{"docker.io/library/node:latest"}},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld()
			w.files["docker/Dockerfile"], w.image.Target = test.dockerfile, test.target
			if got := w.of(); got.Unknown != "" || !slices.Equal(got.Bases, test.want) {
				t.Errorf("%q, %s; want %q", got.Bases, got.Unknown, test.want)
			}
		})
	}
}

func TestRepositoriesOfTheBases(t *testing.T) {
	w := newWorld()
	w.files["docker/Dockerfile"] = "FROM a:1 AS x\nFROM a:2 AS y\nCOPY --from=x / /\nFROM ghcr.io/acme/b@sha256:24454f830cdb571e2c4ad15481119c43b3cafd48dd869a9b2945d1036d1dc68d\nCOPY --from=y / /\nCOPY --from=quay.io/c / /\n"
	if got, want := w.of().Repositories(), []string{"docker.io/library/a", "quay.io/c"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

// A machine's own platform is no source of the commit, but an image of one machine is never taken for another's.
func TestDigestDependsOnTheMachine(t *testing.T) {
	on := func(platform string) inputs.Inputs {
		w := newWorld()
		w.files["docker/Dockerfile"] = "FROM scratch\nCOPY . /\n"
		w.image.Platforms, w.image.Assumed = []string{platform}, true
		w.image.Needs = []plan.Image{{Component: "lib", Context: "other", Dockerfile: "docker/Dockerfile", Platforms: []string{platform}, Assumed: true}}
		return w.of()
	}
	amd, arm := on("linux/amd64"), on("linux/arm64")
	if amd.Sources != arm.Sources {
		t.Error("the machine changes the sources")
	}
	if amd.Digest("v1", nil) == arm.Digest("v1", nil) || amd.Digest("v1", nil) != on("linux/amd64").Digest("v1", nil) {
		t.Errorf("on amd64 %s, on arm64 %s", amd.Digest("v1", nil), arm.Digest("v1", nil))
	}
}

func TestDigestDependsOnBasesAndFrontend(t *testing.T) {
	in := newWorld().of()
	bases := map[string]digest.Digest{in.Bases[0]: digest.FromString("a"), in.Bases[1]: digest.FromString("b")}
	first := in.Digest("v1", bases)
	if len(first) != 64 || first != in.Digest("v1", bases) {
		t.Errorf("%q", first)
	}
	if in.Digest("v2", bases) == first {
		t.Error("another frontend gives the same")
	}
	bases[in.Bases[0]] = digest.FromString("moved")
	if in.Digest("v1", bases) == first {
		t.Error("another base gives the same")
	}
	delete(bases, in.Bases[1])
	if in.Digest("v1", bases) != "" {
		t.Error("a base that is not known gives a digest")
	}
}
