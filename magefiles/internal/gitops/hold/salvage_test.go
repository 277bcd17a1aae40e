package hold_test

import (
	"strings"
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/hold"
)

// TestNoRecordIsLostUnseen has files of holds that are not understood as a whole: each of their records is read, or it is said that one
// would be lost.
func TestNoRecordIsLostUnseen(t *testing.T) {
	const one, other = "- {component: core, tag: a, digest: d, source: 0123456}\n", "- {component: web, tag: b, digest: d, source: 0123456}\n"
	for _, text := range []string{
		"holds: 5\nkept:\n" + one + other,
		"kept:\n" + one + other + "holds: 5\n",
		"kept:\n" + one + "---\nkept:\n" + other,
		"kept:\n" + one + "holds: 5\n---\nkept:\n" + other,
		"kept:\n" + one + "...\nkept:\n" + other,
		"holds: 5\nkept:\n" + one + "kept:\n" + other,
		"<<<<<<< a\nkept:\n" + one + "=======\nkept:\n" + other + ">>>>>>> b\n",
		"\ufeffholds: 5\nkept:\n" + one + other,
		"{holds: 5, kept: [" + strings.TrimPrefix(strings.TrimSpace(one), "- ") + "," + strings.TrimPrefix(strings.TrimSpace(other), "- ") + "]}\n",
		strings.ReplaceAll("holds: 5\nkept:\n"+one+other, "\n", "\r\n"),
		strings.ReplaceAll("holds: 5\nkept:\n"+one+other, "\n", "\r"),
		"holds: 5\nkept: &a\n" + one + other + "more: *a\n",
		"holds: 5\n\"kept\":\n" + one + other,
		"holds: 5\nkept :\n" + one + other,
		"holds: 5\n? kept\n:\n" + one + other,
		" holds: 5\n kept:\n " + one + " " + other,
	} {
		book := hold.Book{HoldPath: "h"}
		book.AddHolds("h", []byte(text), "h")
		if book.HoldErr == nil {
			t.Errorf("%q is understood", text)
		}
		if err := book.RequireKept("h"); err == nil && len(book.Kept) != 2 {
			t.Errorf("%q: %+v, and nothing is said to be lost", text, book.Kept)
		}
	}
}
