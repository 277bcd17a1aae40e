package excerpt_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/yamledit"
	"github.com/xiilab/astrago-ci/magefiles/internal/yamledit/excerpt"
)

func TestExcerpts(t *testing.T) {
	const tag, digest = "core-dev-2", "sha256:1111111111111111111111111111111111111111111111111111111111111111"
	const ref = "ghcr.io/acme/shop:" + tag
	other := strings.ReplaceAll(digest, "1", "2")
	names := []string{tag, ref, digest, ref + "@" + digest}
	for _, c := range []struct{ path, before, after, old, now string }{
		{"a", "core-dev-1", tag, "core-dev-1", tag},
		{"a", "", tag, "", tag},
		{"a", other, digest, other, digest},
		{"a", "ghcr.io/acme/shop:core-dev-1", ref, "ghcr.io/acme/shop:core-dev-1", ref},
		{"a", "ghcr.io/acme/shop:core-dev-1@" + other, ref + "@" + digest, "ghcr.io/acme/shop:core-dev-1@" + other, ref + "@" + digest},
		{"a", "old.io/acme/shop:core-dev-1", ref, "…core-dev-1…", ref},
		{"a", "core-dev-1@" + other, tag, "core-dev-1@" + other, tag},
		{"a", `{"tag":"core-dev-1","pw":"x"}`, `{"tag":"core-dev-2","pw":"x"}`, "…core-dev-1…", "…core-dev-2…"},
		{"a", "pw:core-dev-1", "pw:core-dev-2", "…core-dev-1…", "…core-dev-2…"},
		{"a", "hunter2 and more", tag, "(16 characters)", tag},
		{"a", "https://user:hunter2@host/x", tag, "(27 characters)", tag},
		{"db.password", "hunter2", tag, "(7 characters)", tag},
		{"a", "x", "no image at all", "(1 character)", "(15 characters)"},
	} {
		old, now := excerpt.Excerpts(c.path, c.before, c.after, names...)
		if old.String() != c.old || now.String() != c.now {
			t.Errorf("%s: %q -> %q: got %q -> %q, want %q -> %q", c.path, c.before, c.after, old, now, c.old, c.now)
		}
	}
}

func TestSplitName(t *testing.T) {
	digest := "sha256:" + strings.Repeat("a", 64)
	for name, want := range map[string][2]string{
		"core-1": {"core-1", ""}, digest: {"", digest}, "core-1@" + digest: {"core-1", digest},
		"localhost:5000/a/b:core-1": {"core-1", ""}, "localhost:5000/a/b": {"", ""}, "r/a:t@" + digest: {"t", digest}, "r/a@" + digest: {"", digest},
	} {
		if tag, got := excerpt.SplitName(name); tag != want[0] || got != want[1] {
			t.Errorf("%s: %q %q", name, tag, got)
		}
	}
}

// Whatever stands around a tag, in whatever form the value has, none of it is in an excerpt or an error of an edit.
func TestNoSecretIsShown(t *testing.T) {
	const glued = "%[1]sTAG%[2]s"
	random := rand.New(rand.NewPCG(11, 11))
	secret := func() string {
		const letters = "abcdefghjkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"
		b := make([]byte, 8+random.IntN(12))
		for i := range b {
			b[i] = letters[random.IntN(len(letters))]
		}
		return string(b)
	}
	for range 12 {
		a, b := secret(), secret()
		for _, form := range []string{
			"%[1]s:TAG", "%[1]s=TAG;%[2]s", `{\"pw\":\"%[1]s\",\"tag\":\"TAG\",\"x\":\"%[2]s\"}`, "https://u:%[1]s@h/TAG?k=%[2]s", glued, "%[1]s TAG",
			"TAG %[2]s", "reg.io/%[1]s/x:TAG", "$%[1]s TAG", "TAG\\n%[2]s", "%[1]s/TAG@%[2]s",
		} {
			doc := fmt.Sprintf("apps:\n  core: \"%s\"\n  num: 5\n  db: \"%s\"\n", strings.ReplaceAll(fmt.Sprintf(form, a, b), "TAG", "core-dev-1"), b)
			for _, expression := range []string{
				`.apps.core |= sub("core-dev-1", "core-dev-2")`, `.apps.core = "core-dev-2"`, `.apps.core += "\n"`, `.apps.core |= . + "$X"`,
				`.apps.core = 5`, `.apps.num = .apps.core`, `.apps.core |= from_json`, `.apps.core |= (from_yaml | .tag = "x" | to_yaml)`,
				`.apps.core.x = "y"`, `.apps.core |= to_number`, `.apps.core |= error(.)`, `.apps.core |= (.x.y | error("core"))`,
			} {
				if form == glued && expression == `.apps.core = "core-dev-2"` {
					continue // what is replaced is a tag by all that can be told
				}
				edit, err := yamledit.Apply([]byte(doc), expression)
				text := fmt.Sprint(err)
				if err == nil {
					for _, c := range edit.Changes {
						old, now := excerpt.Excerpts(c.Path, c.Old, c.New, "core-dev-2")
						text = fmt.Sprintf("%v %v %q %q %+v %#v", old, now, old, now, old, now)
					}
				}
				if strings.Contains(text, a) && strings.Contains(doc, a) || strings.Contains(text, b) {
					t.Fatalf("%s on\n%s\nshows a secret: %s", expression, doc, text)
				}
			}
		}
	}
}
