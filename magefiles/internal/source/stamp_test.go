package source_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

// What is written and put back in between has the content of before, and another time.
func TestStampsTellWhatWasWritten(t *testing.T) {
	dir := repository(t)
	long := time.Now().Add(-time.Hour)
	for _, name := range []string{"same", "written", "removed"} {
		write(t, dir, name, name)
		if err := os.Chtimes(filepath.Join(dir, name), long, long); err != nil {
			t.Fatal(err)
		}
	}
	git(t, dir, "add", ".")
	git(t, dir, "commit", "-q", "-m", "files")
	before := tree(t, dir).Stamps(dir)
	if written := before.Written(tree(t, dir).Stamps(dir)); len(written) != 0 {
		t.Errorf("%q were written, want none", written)
	}
	write(t, dir, "written", "other")
	write(t, dir, "written", "written")
	if err := os.Remove(filepath.Join(dir, "removed")); err != nil {
		t.Fatal(err)
	}
	write(t, dir, "new", "new")
	after := tree(t, dir)
	written := before.Written(after.Stamps(dir))
	if want := []string{"new", "removed", "written"}; !slices.Equal(written, want) {
		t.Errorf("%q were written, want %q", written, want)
	}
	marked := after.Without(written)
	if file(t, marked, "written").ID != "" || file(t, marked, "same").ID == "" || file(t, after, "written").ID == "" {
		t.Errorf("the files %+v", marked.Files)
	}
}
