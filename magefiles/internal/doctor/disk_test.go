package doctor

import (
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestDisk(t *testing.T) {
	dir := t.TempDir()
	places := []Place{{"dist/", filepath.Join(dir, "not", "made")}}
	for name, test := range map[string]struct {
		fails, warns uint64
		want         Status
	}{
		"room":  {0, 0, OK},
		"tight": {0, math.MaxUint64, Warn},
		"full":  {math.MaxUint64, math.MaxUint64, Fail},
	} {
		got := disk(places, test.fails, test.warns)
		if got.Status != test.want || !strings.Contains(got.Text, " for dist/") || (got.Remedy == "") != (got.Status == OK) {
			t.Errorf("%s: %+v", name, got)
		}
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 0 {
		t.Errorf("it has left %v, %v", left, err)
	}
	if got := Disk(nil); got.Status != Skipped {
		t.Errorf("nowhere: %+v", got)
	}
}
