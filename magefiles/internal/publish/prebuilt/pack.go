package prebuilt

import (
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// Open returns what an earlier Build left in a directory; it is an error where a program is missing or is not what its sum says.
func Open(dir string) (Set, error) {
	text, err := os.ReadFile(filepath.Join(dir, filepath.Base(SumsPath)))
	if err != nil {
		return Set{}, fmt.Errorf("reading what was compiled before: %w", err)
	}
	set := Set{Dir: dir}
	if set.Sums, err = Parse(string(text)); err != nil {
		return Set{}, err
	}
	for _, want := range set.Programs {
		got, err := unpack(set.Path(want), want.Platform)
		if err != nil {
			return Set{}, err
		}
		if got != want {
			return Set{}, fmt.Errorf("reading what was compiled before: %s is %+v, not %+v", want.AssetName(), got, want)
		}
	}
	return set, nil
}

// unpack returns what a packed program is.
func unpack(path, platform string) (Program, error) {
	file, err := os.Open(path)
	if err != nil {
		return Program{}, fmt.Errorf("reading the targets for %s: %w", platform, err)
	}
	defer file.Close()
	p, sum := Program{Platform: platform}, sha256.New()
	unpacked, err := gzip.NewReader(file)
	if err == nil {
		p.Size, err = io.Copy(sum, unpacked)
	}
	if err != nil {
		return Program{}, fmt.Errorf("reading the targets for %s: %w", platform, err)
	}
	p.SHA256 = hex.EncodeToString(sum.Sum(nil))
	return p, nil
}

// pack writes a program for a release, and returns what it is.
func pack(path, platform, dir string, level int) (Program, error) {
	file, err := os.Open(path)
	if err != nil {
		return Program{}, fmt.Errorf("packing the targets for %s: %w", platform, err)
	}
	defer file.Close()
	p := Program{Platform: platform}
	packed, err := os.Create(filepath.Join(dir, p.AssetName()))
	if err != nil {
		return Program{}, fmt.Errorf("packing the targets for %s: %w", platform, err)
	}
	sum := sha256.New()
	gz, err := gzip.NewWriterLevel(packed, level)
	if err == nil {
		p.Size, err = io.Copy(io.MultiWriter(sum, gz), file)
		err = errors.Join(err, gz.Close())
	}
	if err := errors.Join(err, packed.Close()); err != nil {
		return Program{}, fmt.Errorf("packing the targets for %s: %w", platform, err)
	}
	p.SHA256 = hex.EncodeToString(sum.Sum(nil))
	return p, nil
}
