package git

import (
	"slices"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/commitid"
)

func TestParseIDsOfAnAnswer(t *testing.T) {
	const first, second = "a1b2c3d4e5f60718293a4b5c6d7e8f9012345678", "b1b2c3d4e5f60718293a4b5c6d7e8f9012345678"
	for text, want := range map[string][]commitid.ID{
		"":                          nil,
		first:                       {first},
		first + " " + second:        {first, second},
		first + "\n" + second:       {first, second},
		first + " HEAD":             nil, // no answer of git's
		first + " " + second[:6]:    nil,
		"warning: refname is odd\n": nil,
	} {
		ids, err := parseIDs(text)
		if !slices.Equal(ids, want) || (err == nil) != (want != nil || text == "") {
			t.Errorf("%q gives %q, %v", text, ids, err)
		}
	}
}
