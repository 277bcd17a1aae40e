package excerpt_test

import (
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/yamledit/excerpt"
)

// TestAroundFindsWholeNames puts a name among names that end, begin and go on like it, in every order.
func TestAroundFindsWholeNames(t *testing.T) {
	const name = "web-1"
	others := []string{"admin-web-1", "web-10", "web-1.2", "my_web-1", "x.web-1-y"}
	for _, separator := range []string{",", " ", "\n", "@", ":", "/", `","`} {
		for i := range len(others) + 1 {
			words := append(append(append([]string{}, others[:i]...), name), others[i:]...)
			head, tail, found := excerpt.Around(strings.Join(words, separator), name)
			if want := strings.Join(append(others[:i:i], ""), separator); !found || head != want {
				t.Errorf("after %d of %q: %q, want %q", i, separator, head, want)
			}
			if want := strings.Join(append([]string{""}, others[i:]...), separator); tail != want {
				t.Errorf("before %d of %q: %q, want %q", i, separator, tail, want)
			}
		}
	}
	if head, tail, found := excerpt.Around("v-web-1-arm", name); !found || head != "v-" || tail != "-arm" {
		t.Errorf("a part alone: %q, %q, %v", head, tail, found)
	}
	if _, _, found := excerpt.Around("web-2", name); found {
		t.Error("it is found where it is not")
	}
}

// TestExcerptOfWholeNames shows what stood in the place of the name, and not in that of one which ends like it.
func TestExcerptOfWholeNames(t *testing.T) {
	old, now := excerpt.Excerpts("images", "admin-web-1,web-1", "admin-web-1,web-2", "web-2")
	if old.Name() != "web-1" || now.Name() != "web-2" {
		t.Errorf("%q -> %q", old.Name(), now.Name())
	}
	old, now = excerpt.Excerpts("images", "admin-web-2,web-1", "admin-web-2,web-2", "web-2")
	if old.Name() != "web-1" || now.Name() != "web-2" {
		t.Errorf("%q -> %q", old.Name(), now.Name())
	}
}
