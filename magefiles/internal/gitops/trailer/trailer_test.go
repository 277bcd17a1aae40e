package trailer_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/commitid"
	"github.com/xiilab/astrago-ci/magefiles/internal/component"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/trailer"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/refs"
)

func TestParseTrailers(t *testing.T) {
	const own = "Astrago-Source: acme/shop@0123\nAstrago-Bump-Id: 1\n"
	for name, test := range map[string]struct {
		message string
		ids     []string
	}{
		"none":                    {"fix: a typo\n", nil},
		"last paragraph":          {"deploy(stage): shop 0123\n\ncore  a -> b\n\n" + own, []string{"1"}},
		"before a sign-off":       {"deploy(stage): shop 0123\n\n" + own + "\nSigned-off-by: A <a@example.com>\n", []string{"1"}},
		"squash of two":           {"Deploy (#1)\n\n* deploy\n\n" + own + "\n* deploy\n\nAstrago-Bump-Id: 2\n\n---------\n\nCo-authored-by: B\n", []string{"1", "2"}},
		"CRLF":                    {"deploy\r\n\r\nAstrago-Bump-Id: 1\r\n", []string{"1"}},
		"quoted in a sentence":    {"revert of\n  Astrago-Bump-Id: 1\nand see Astrago-Bump-Id: 2\n", nil},
		"subject of a person":     {"Astrago-Bump-Id: 1\n\n" + strings.ReplaceAll(own, "Id: 1", "Id: 2"), []string{"2"}},
		"another tool's trailers": {"x\n\nBump-Id: 1\nAstrago: 2\n", nil},
	} {
		t.Run(name, func(t *testing.T) {
			if got := trailer.Parse(test.message).All(trailer.BumpID); !slices.Equal(got, test.ids) {
				t.Errorf("%q, want %q", got, test.ids)
			}
		})
	}
}

func TestLastTrailerOfAKeyCounts(t *testing.T) {
	trailers := trailer.List{{Key: "Astrago-Source", Value: "a/b@1"}, {Key: "Astrago-Source", Value: "a/b@2"}}
	if repository, sha, ok := trailers.Source(); repository != "a/b" || sha != "2" || !ok {
		t.Errorf("%q %q %v", repository, sha, ok)
	}
	if _, _, ok := (trailer.List{}).Source(); ok {
		t.Error("no trailer has a source")
	}
}

func TestTrailersCannotBeForged(t *testing.T) {
	got := trailer.List{{Key: trailer.Run, Value: "https://x\nAstrago-Bump-Id: forged\r\n "}}.String()
	if want := "Astrago-Run: https://x Astrago-Bump-Id: forged\n"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestComponentsMayComeFromSeveralCommits(t *testing.T) {
	trailers := trailer.Parse("deploy\n\nAstrago-Source: a/b@1 core web\nAstrago-Source: a/b@2 batch\n" +
		"Astrago-Image: core ghcr.io/a/b@" + refs.Digest("aa").String() + "\nAstrago-Image: core ghcr.io/a/b@" + refs.Digest("bb").String() +
		"\nAstrago-Image: web ghcr.io/a/b@sha256:bb\n")
	for name, want := range map[component.Name]string{"core": "1", "web": "1", "batch": "2", "other": ""} {
		if _, sha, _ := trailers.SourceOf(name); sha != commitid.ID(want) {
			t.Errorf("%s comes from %q, want %q", name, sha, want)
		}
	}
	if repository, digest := trailers.Image("core"); repository != "ghcr.io/a/b" || digest != refs.Digest("bb") {
		t.Errorf("image %q, %q", repository, digest)
	}
	for _, name := range []component.Name{"batch", "web"} { // no image, and one of what is not a digest
		if _, digest := trailers.Image(name); digest != "" {
			t.Errorf("digest %q of an image that was not deployed", digest)
		}
	}
	whole := trailer.Parse("x\n\nAstrago-Source: a/b@3\n")
	if _, sha, ok := whole.SourceOf("any"); sha != "3" || !ok {
		t.Errorf("a source of all components gives %q", sha)
	}
}

// TestTextThatIsNoNameEqualsNone: a commit by hand may name anything, which is of the component that is called the same, if there is one.
func TestTextThatIsNoNameEqualsNone(t *testing.T) {
	trailers := trailer.Parse("x\n\nAstrago-Source: a/b@1 Core -core co,re\nAstrago-Image: Core ghcr.io/a/b@" + refs.Digest("aa").String() + "\n")
	for name, want := range map[component.Name]struct{ source, image bool }{
		"Core": {true, true}, "-core": {true, false}, "co,re": {true, false},
		"core": {}, "co": {}, "": {}, "Core -core": {}, "Core ghcr.io/a/b": {}, " Core": {},
	} {
		if _, _, ok := trailers.SourceOf(name); ok != want.source || trailers.Names(name) != want.image {
			t.Errorf("%q has a source: %v, an image: %v; want %+v", name, ok, trailers.Names(name), want)
		}
	}
}
