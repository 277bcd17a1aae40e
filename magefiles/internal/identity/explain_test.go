package identity_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/identity"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
)

func TestExplain(t *testing.T) {
	text := "FROM $BASE\nARG X=1\nLABEL l=1\nENV E=1\nCOPY src /src\nCOPY *.txt /t/\nRUN --mount=type=bind,source=docs,target=/d true\nUSER 1\n"
	change := func(old, text2 string) func(*scene) { return dockerfile(strings.Replace(text, old, text2, 1)) }
	for name, test := range map[string]struct {
		change func(*scene)
		want   []string
	}{
		"nothing":     {func(*scene) {}, nil},
		"files":       {all(write("src/a", "A"), write("src/new", "n")), []string{"COPY src /src: 2 files changed (src/a, src/new)"}},
		"many":        {all(write("src/1", ""), write("src/2", ""), write("src/3", ""), write("src/4", "")), []string{"COPY src /src: 4 files changed (src/1, src/2, src/3, …)"}},
		"pattern":     {write("a.txt", "A"), []string{"COPY *.txt /t/: 1 file changed (a.txt)"}},
		"mount":       {write("docs/d", "D"), []string{"RUN --mount=type=bind,source=docs,target=/d true: 1 file changed (docs/d)"}},
		"base":        {onBase("base:1", "two", nil), []string{"base REGISTRY/acme/base:1 moved"}},
		"argument":    {arg("X", "2"), []string{"argument X changed"}},
		"label":       {change("l=1", "l=2"), []string{"label l changed"}},
		"variable":    {change("ENV E=1", "ENV E=2"), []string{"environment variable E changed"}},
		"user":        {change("USER 1", "USER 2"), []string{"setting User changed"}},
		"step":        {change("target=/d true", "target=/d false"), []string{"RUN --mount=type=bind,source=docs,target=/d false is new", "RUN --mount=type=bind,source=docs,target=/d true is gone"}},
		"platform":    {reduceImage(func(i *plan.Image) { i.Platforms = []string{"linux/arm64"} }), []string{"platform linux/arm64 is new", "platform linux/amd64 is gone"}},
		"attestation": {reduceImage(func(i *plan.Image) { i.SBOM = "true" }), []string{"build option attest:sbom is new"}},
	} {
		t.Run(name, func(t *testing.T) {
			s := newScene(t)
			all(onBase("base:1", "one", nil), write("src/a", "a"), write("docs/d", "d"), write("a.txt", "a"), dockerfile(text))(s)
			before := stored(t, s.compute())
			test.change(s)
			got := identity.Explain(before, stored(t, s.compute()))
			for i := range got {
				got[i] = strings.ReplaceAll(got[i], s.registry.Addr(), "REGISTRY")
			}
			if !slices.Equal(got, test.want) {
				t.Errorf("explained by %q, want %q", got, test.want)
			}
		})
	}
}

// stored is a tree after its way through a registry.
func stored(t *testing.T, f identity.Fingerprint) identity.Tree {
	t.Helper()
	if f.Key == "" {
		t.Fatalf("no key: %s", f.Unknown)
	}
	data, err := f.Tree.Encode()
	if err != nil {
		t.Fatal(err)
	}
	tree, err := identity.Decode(data)
	if err != nil || tree.Key() != f.Key {
		t.Fatalf("the stored tree has the key %q (%v), want %q", tree.Key(), err, f.Key)
	}
	return tree
}
