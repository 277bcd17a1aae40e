package machine

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/doctor"
)

// How much room a build of some images takes, at the least and with ease, in bytes.
const (
	spaceFails = 1 << 30
	spaceWarns = 5 << 30
)

// Place is a directory that builds write to.
type Place struct {
	Name string // for people
	Dir  string // need not exist
}

// Disk checks how much room is left where builds write. The directories are looked at, and not made.
func Disk(places []Place) doctor.Finding { return diskFinding(places, spaceFails, spaceWarns) }

func diskFinding(places []Place, fails, warns uint64) doctor.Finding {
	found := doctor.Finding{Status: doctor.OK}
	var told []string
	for _, place := range places {
		free, err := freeBelow(place.Dir)
		if err != nil {
			continue
		}
		told = append(told, fmt.Sprintf("%s for %s", formatSize(free), place.Name))
		switch {
		case free < fails:
			found.Status = doctor.Fail
		case free < warns && found.Status == doctor.OK:
			found.Status = doctor.Warn
		}
	}
	if len(told) == 0 {
		return doctor.Finding{Status: doctor.Skipped, Text: "free space is not known here"}
	}
	found.Text = "free: " + strings.Join(told, ", ")
	if found.Status != doctor.OK {
		found.Remedy = "make room: mage prune, or mage prune -all"
	}
	return found
}

// freeBelow asks the nearest directory above that exists.
func freeBelow(dir string) (uint64, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return 0, err
	}
	for {
		if _, err := os.Stat(dir); !errors.Is(err, fs.ErrNotExist) || dir == filepath.Dir(dir) {
			return free(dir)
		}
		dir = filepath.Dir(dir)
	}
}

// formatSize returns a size in powers of ten, as disks are sold.
func formatSize(n uint64) string {
	if n < 1e9 {
		return fmt.Sprintf("%d MB", n/1e6)
	}
	return fmt.Sprintf("%d GB", n/1e9)
}
