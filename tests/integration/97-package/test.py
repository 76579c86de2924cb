#!/usr/bin/env python3
"""The Debian package, looked at without installing it: what lintian says, what is in it, and its unit,
user, folders by the tools that read them. 95-clean-root installs it."""
import pathlib
import re
import shutil
import stat
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))

from support import cases, daemon

UNIT = "lib/systemd/system/splitmx.service"
EXPOSURE = 16  # tenths, of systemd-analyze security
FILES = {
    "usr/sbin/splitmxd", "usr/bin/splitmx", UNIT,
    "usr/lib/sysusers.d/splitmx.conf", "usr/lib/tmpfiles.d/splitmx.conf",
    "etc/logrotate.d/splitmx", "etc/fail2ban/filter.d/splitmx.conf",
    "usr/share/bash-completion/completions/splitmx", "usr/share/zsh/vendor-completions/_splitmx",
    "usr/share/fish/vendor_completions.d/splitmx.fish",
    "usr/share/man/man1/splitmx.1.gz", "usr/share/man/man5/splitmx.toml.5.gz",
    "usr/share/man/man7/splitmx-schema.7.gz", "usr/share/man/man8/splitmxd.8.gz",
    "usr/share/splitmx/schema/splitmx.schema", "usr/share/splitmx/schema/splitmx.ldif"}
FOLDERS = {  # mode, owner, group
    "etc/splitmx": (0o2750, "root", "splitmx"), "etc/splitmx/credentials": (0o700, "root", "root"),
    "var/lib/splitmx": (0o750, "splitmx", "splitmx"), "var/spool/splitmx": (0o750, "splitmx", "splitmx"),
    "var/log/splitmx": (0o2750, "splitmx", "adm")}


class Package(cases.SharedCase):
    @classmethod
    def build(cls, stage):
        if not shutil.which("dh_installsysusers"):
            raise cases.unittest.SkipTest("debhelper is not installed")
        made = subprocess.run(
            [daemon.ROOT / "packaging/build-deb", "--programs", daemon.program("splitmxd").parents[1],
             "--into", stage.directory], capture_output=True, text=True, check=False)
        if made.returncode != 0:
            raise AssertionError(made.stderr)
        cls.package = pathlib.Path(made.stdout.strip())
        cls.tree = stage.directory / "tree"
        cls.control = stage.directory / "control"
        subprocess.run(["dpkg-deb", "--extract", cls.package, cls.tree], check=True)
        subprocess.run(["dpkg-deb", "--control", cls.package, cls.control], check=True)

    def needs(self, program):
        if not shutil.which(program):
            self.skipTest(f"{program} is not installed")

    def run_tool(self, *command):
        return subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)

    def test_lintian_is_content(self):
        self.needs("lintian")
        done = self.run_tool("lintian", "--allow-root", "--fail-on", "error,warning", self.package)
        self.assertEqual((done.returncode, done.stdout), (0, ""), done.stderr)

    def test_what_is_in_it(self):
        files = {str(path.relative_to(self.tree)) for path in self.tree.rglob("*") if not path.is_dir()}
        documents = {name for name in files if name.startswith("usr/share/doc/splitmx/")}
        self.assertEqual(files - documents, FILES)
        for name in ("examples/splitmx.toml", "examples/jail.d/splitmx.conf", "copyright", "README.md.gz"):
            self.assertIn(f"usr/share/doc/splitmx/{name}", documents)
        self.assertEqual((self.control / "conffiles").read_text().split(),
                         ["/etc/fail2ban/filter.d/splitmx.conf", "/etc/logrotate.d/splitmx"])
        control = (self.control / "control").read_text()
        # It stands beside the machine's own mail server.
        self.assertNotRegex(control, r"(?m)^(Provides|Conflicts|Replaces|Breaks):")
        version = re.search(r"(?m)^Version: (.*)$", control)[1]
        told = self.run_tool(self.tree / "usr/sbin/splitmxd", "--version").stdout
        self.assertEqual(told, f"splitmxd {version}\n")

    def test_what_a_build_of_its_own_needs(self):
        listed = (daemon.ROOT / "packaging/packages.txt").read_text().split("# To test")[0]
        needed = {line.split()[0] for line in listed.splitlines() if line and line[0] != "#"}
        told = re.search(r"(?s)\nBuild-Depends:(.*?)\n(?=\S)", (daemon.ROOT / "debian/control").read_text())[1]
        depends = {one.split()[0] for one in told.split(",") if one.strip()}
        self.assertEqual(needed - depends - {"g++"}, set())  # every build has a compiler

    def test_the_example_is_a_configuration(self):
        example = self.tree / "usr/share/doc/splitmx/examples/splitmx.toml"
        done = self.run_tool(self.tree / "usr/bin/splitmx", "config", "check", example)
        self.assertNotIn("error", done.stderr)

    def test_the_unit_gives_away_little(self):
        self.needs("systemd-analyze")
        unit = self.tree / UNIT
        done = self.run_tool("systemd-analyze", "security", "--offline=true", f"--threshold={EXPOSURE}",
                             "--no-pager", unit)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertNotIn(f"{unit}:", done.stderr)  # no directive that it does not know

    def test_the_unit_is_right(self):
        self.needs("systemd-analyze")
        text = (self.tree / UNIT).read_text()
        for program in ("/usr/sbin/splitmxd", "/usr/bin/splitmx"):
            text = text.replace(f"={program} ", f"={self.tree}{program} ")
        unit = self.stage.directory / "splitmx.service"
        unit.write_text(text)
        done = self.run_tool("systemd-analyze", "verify", "--man=no", unit)
        ours = [line for line in done.stderr.splitlines() if "splitmx" in line]
        self.assertEqual(ours, [])

    def test_user_and_folders(self):
        self.needs("systemd-tmpfiles")
        root = self.stage.directory / "root"
        (root / "etc").mkdir(parents=True)
        (root / "var/log").mkdir(parents=True)
        (root / "etc/group").write_text("root:x:0:\nadm:x:4:\n")
        (root / "etc/passwd").write_text("root:x:0:0:root:/root:/bin/sh\n")
        users, folders = (self.tree / f"usr/lib/{name}.d/splitmx.conf" for name in ("sysusers", "tmpfiles"))
        done = self.run_tool("systemd-sysusers", f"--root={root}", users)
        self.assertEqual(done.returncode, 0, done.stderr)
        names = {row.split(":")[2]: row.split(":")[0] for row in (root / "etc/passwd").read_text().split("\n") if row}
        groups = {row.split(":")[2]: row.split(":")[0] for row in (root / "etc/group").read_text().split("\n") if row}
        self.assertIn("splitmx", names.values())
        if cases.os.geteuid() != 0:
            self.skipTest("only root can give folders to others")
        done = self.run_tool("systemd-tmpfiles", f"--root={root}", "--create", folders)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        found = {}
        for name in FOLDERS:
            about = (root / name).stat()
            found[name] = (stat.S_IMODE(about.st_mode), names[str(about.st_uid)], groups[str(about.st_gid)])
        self.assertEqual(found, FOLDERS)
        self.assertEqual((root / "var/lib/splitmx/spool").resolve(), (root / "var/spool/splitmx").resolve())

    def test_scripts_of_shells(self):
        for shell, name in (("bash", "bash-completion/completions/splitmx"),
                            ("zsh", "zsh/vendor-completions/_splitmx")):
            if shutil.which(shell):
                done = self.run_tool(shell, "-n", self.tree / "usr/share" / name)
                self.assertEqual((done.returncode, done.stderr), (0, ""))


if __name__ == "__main__":
    cases.main()
