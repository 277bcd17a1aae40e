package successor_test

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/registry/successor"
	testkit "github.com/xiilab/astrago-ci/magefiles/internal/testkit/registry"
)

// haveEveryTag answers each lookup with the same image.
func haveEveryTag(name string) testkit.Fault {
	return testkit.On(http.MethodHead, testkit.Manifest, func(w http.ResponseWriter, _ *http.Request, _ testkit.Request) bool {
		desc, _ := document(name)
		w.Header().Set("Content-Type", desc.MediaType)
		w.Header().Set("Content-Length", strconv.FormatInt(desc.Size, 10))
		w.Header().Set("Docker-Content-Digest", desc.Digest.String())
		return true
	})
}

// TestARegistryWithEveryTagKeepsNoRun ends a lookup and a push after a bounded number of requests.
func TestARegistryWithEveryTagKeepsNoRun(t *testing.T) {
	r := startRow(t)
	r.put(t, "old")
	tag := r.last(t)
	r.server.Inject(haveEveryTag("old"))
	r.server.Inject(testkit.On(http.MethodPut, testkit.Manifest, testkit.Answer(http.StatusBadRequest, nil, "TAG_INVALID", "immutable")))
	_, lookup := successor.Last(t.Context(), r.client, r.base)
	for name, err := range map[string]error{"lookup": lookup, "push": r.putAfter(t.Context(), tag, "new")} {
		if err == nil || !strings.Contains(err.Error(), "too many successors") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if n := len(r.server.Requests()); n > 250 {
		t.Errorf("a lookup and a push have sent %d requests", n)
	}
}

// TestARefusalOfAnotherKindIsTheError refuses what has nothing to do with tags that cannot move: the error is the registry's
// answer to the tag itself, and the row is as it was.
func TestARefusalOfAnotherKindIsTheError(t *testing.T) {
	denied := testkit.Answer(http.StatusForbidden, nil, "DENIED", "quota of the tag")
	for name, c := range map[string]struct {
		row    []string // what is there before
		faults []testkit.Fault
		puts   int
	}{
		"the first tag":     {nil, []testkit.Fault{testkit.On(http.MethodPut, testkit.Manifest, denied)}, 1},
		"every tag":         {[]string{"old"}, []testkit.Fault{testkit.On(http.MethodPut, testkit.Manifest, denied)}, 2},
		"every tag of many": {[]string{"old", "older"}, []testkit.Fault{testkit.On(http.MethodPut, testkit.Manifest, denied)}, 2},
		"lookups of successors too": {[]string{"old"}, []testkit.Fault{
			testkit.On(http.MethodPut, testkit.Manifest, denied),
			testkit.On(http.MethodHead, testkit.Manifest, testkit.Answer(http.StatusNotAcceptable, nil, "DENIED", "no")),
		}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			r := startRow(t)
			r.server.Inject(testkit.Immutable())
			for _, image := range c.row {
				r.put(t, image)
			}
			last := r.last(t)
			r.server.Heal()
			for _, fault := range c.faults {
				r.server.Inject(fault)
			}
			r.server.ResetRequests()
			err := r.putAfter(t.Context(), last, "new")
			if want := "/" + last.Reference().Tag + ": 403 "; err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("got %v, want one with %q", err, want)
			}
			if puts := r.server.Count(http.MethodPut, testkit.Manifest); puts != c.puts {
				t.Errorf("%d manifests were sent, want %d", puts, c.puts)
			}
			r.server.Heal()
			if found, want := r.digests(t), digestsOf(c.row...); !slices.Equal(found, want) {
				t.Errorf("the row is %s, want %s", found, want)
			}
		})
	}
}

// TestALookupThatFailsIsNoEnd refuses the lookup of each tag of a row in turn: none of them is taken for one that is missing.
func TestALookupThatFailsIsNoEnd(t *testing.T) {
	for n := range 4 {
		t.Run(strconv.Itoa(n+1), func(t *testing.T) {
			r := startRow(t)
			r.server.Inject(testkit.Immutable())
			for _, image := range []string{"a", "b", "c"} {
				r.put(t, image)
			}
			r.server.Inject(testkit.On(http.MethodHead, testkit.Manifest,
				testkit.Nth(int64(n+1), testkit.Answer(http.StatusForbidden, nil, "DENIED", "no"))))
			if last, err := successor.Last(t.Context(), r.client, r.base); err == nil {
				t.Errorf("the last tag is %+v", last)
			}
		})
	}
}
