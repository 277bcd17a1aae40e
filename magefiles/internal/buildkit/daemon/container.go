package daemon

import (
	"archive/tar"
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path"
	"slices"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/procgroup"
)

// createContainer creates astrago-ci's container and starts it. Files that it is to have are copied in between: a key is in no argument,
// and Docker may be on another machine.
func createContainer(ctx context.Context, o Options, image, sum string) error {
	registries, files := inContainer(o.Daemon.Registries)
	settings := o.Daemon
	settings.Registries = registries
	config, err := daemonConfig("/var/lib/buildkit", "/run/buildkit", "", false, settings)
	if err != nil {
		return err
	}
	if _, err := runDocker(ctx, "image", "inspect", "--format", "{{.Id}}", image); err != nil {
		o.Say("pulling %s into Docker, for a BuildKit container that is kept: docker pull %s", image, image)
		if _, err := runDocker(ctx, "pull", "--quiet", image); err != nil {
			return err
		}
	}
	o.Say("creating the container %s in Docker; to remove it: docker rm -f %s && docker volume rm %s", ContainerName, ContainerName,
		ContainerName)
	_, err = runDocker(ctx, "create", "--privileged", "--network=host", "--restart=no", "--name="+ContainerName,
		"--label="+labelRegistries+"="+sum, "--volume="+ContainerName+":/var/lib/buildkit", "--entrypoint=sh", image,
		"-c", dockerEntry, "sh", string(config), labelCPUs)
	if err != nil && strings.Contains(err.Error(), "already in use") { // by a process on another machine
		return nil
	}
	if err == nil {
		err = copyFiles(ctx, files)
	}
	if err == nil {
		_, err = runDocker(ctx, "start", ContainerName)
	}
	if err == nil {
		return nil
	}
	_, rmErr := runDocker(context.WithoutCancel(ctx), "container", "rm", "--force", ContainerName)
	return errors.Join(err, rmErr)
}

// copyFiles copies files into the container, keyed by their names there.
func copyFiles(ctx context.Context, files map[string]string) error {
	if len(files) == 0 {
		return nil
	}
	archive, err := archiveOf(files)
	if err != nil {
		return fmt.Errorf("copying certificates into the container %s: %w", ContainerName, err)
	}
	cmd := procgroup.Command(ctx, "docker", "cp", "-", ContainerName+":/")
	cmd.Stdin = archive
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("docker cp: %s", strings.TrimSpace(string(out)+" "+err.Error()))
	}
	return nil
}

// archiveOf packs files for root alone, with the directories that they are in.
func archiveOf(files map[string]string) (*bytes.Buffer, error) {
	packed := &bytes.Buffer{}
	w := tar.NewWriter(packed)
	header := &tar.Header{Typeflag: tar.TypeDir, Name: strings.TrimPrefix(containerFiles, "/") + "/", Mode: 0o700}
	if err := w.WriteHeader(header); err != nil {
		return nil, err
	}
	names := make([]string, 0, len(files))
	for name := range files {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		data, err := os.ReadFile(files[name])
		if err != nil {
			return nil, err
		}
		header := &tar.Header{Name: strings.TrimPrefix(path.Clean(name), "/"), Mode: 0o600, Size: int64(len(data))}
		if err := w.WriteHeader(header); err != nil {
			return nil, err
		}
		if _, err := w.Write(data); err != nil {
			return nil, err
		}
	}
	return packed, w.Close()
}
