"""What the flow says to its user, in English and Chinese."""

from __future__ import annotations

_LEVELS = {
    "bubblewrap": {
        "en": "apart from your files and the network, by bubblewrap",
        "zh": "由 bubblewrap 隔离，接触不到你的文件和网络",
    },
    "namespaces": {
        "en": "apart from your files and the network, by namespaces of the kernel",
        "zh": "由内核命名空间隔离，接触不到你的文件和网络",
    },
    "limits": {
        "en": "WITHOUT isolation, as neither bubblewrap nor namespaces work here: they could read your files "
        "and use the network; only time, memory and size are limited",
        "zh": "没有隔离（bubblewrap 和命名空间都不可用）：程序能读取你的文件、使用网络，只限制时间、内存和大小",
    },
}

_SENTENCES = {
    "consent": {
        "en": "The model's {code} programs would be run to test them, {level}. Run them?",
        "zh": "需要运行模型写的 {code} 程序来测试，{level}。运行吗？",
    },
    "solution": {"en": "program", "zh": "程序"},
    "repair": {"en": "repair", "zh": "修改"},
    "own tests": {"en": "tests", "zh": "测试"},
    "trying": {"en": "trying the programs", "zh": "测试程序"},
    "not wanted": {
        "en": "It was not run, so nothing is verified.",
        "zh": "程序没有运行，因此未经验证。",
    },
    "not allowed": {
        "en": "It was not run, as nobody agreed to that, so nothing is verified; --run agrees beforehand.",
        "zh": "没有得到同意，程序没有运行，因此未经验证；用 --run 可以事先同意。",
    },
    "no program": {
        "en": "It was not run, as there is no program here that everybody may use to run {code}; nothing is verified.",
        "zh": "这里没有可用来运行 {code} 的程序，程序没有运行，因此未经验证。",
    },
    "no sandbox": {
        "en": "It was not run, as root cannot become the user nobody here, and so the sandbox does not work; "
        "nothing is verified.",
        "zh": "这里 root 无法变成 nobody 用户，沙箱不可用，程序没有运行，因此未经验证。",
    },
    "no tests": {
        "en": "Not verified: there is no test that asserts anything about it.",
        "zh": "未经验证：没有任何一项测试对它做出断言。",
    },
    "broken": {
        "en": "Not verified: it broke before the first test.",
        "zh": "未经验证：程序在第一项测试之前就出错了。",
    },
    "trivial": {
        "en": "Not verified: the model's own tests prove nothing, as a function that does nothing passes them.",
        "zh": "未经验证：模型自己写的测试什么也证明不了，空函数也能通过。",
    },
    "user failed": {
        "en": "Not verified: it passes {passed} of your {total} tests.",
        "zh": "未经验证：你的 {total} 项测试通过了 {passed} 项。",
    },
    "own failed": {
        "en": "Not verified: it passes {passed} of the model's own {total} tests, which may be wrong too.",
        "zh": "未经验证：模型自己写的 {total} 项测试通过了 {passed} 项，测试本身也可能有错。",
    },
    "stopped": {
        "en": "It was stopped before all tests were done ({why}).",
        "zh": "全部测试完成之前程序就被终止了（{why}）。",
    },
    "user verified": {
        "en": "Verified: it passes all of your tests ({total}).",
        "zh": "已验证：通过了你的全部测试（{total} 项）。",
    },
    "own verified": {
        "en": "It passes all tests that the model wrote itself ({total}); none of them is yours.",
        "zh": "通过了模型自己写的全部测试（{total} 项）；其中没有你写的测试。",
    },
    "time": {"en": "it took too long", "zh": "超时"},
    "memory": {"en": "it took too much memory", "zh": "占用内存过多"},
    "output": {"en": "it wrote too much", "zh": "输出过多"},
    "sandbox": {"en": "the sandbox broke", "zh": "沙箱出错"},
    "itself": {"en": "it ended by itself", "zh": "程序自行结束"},
}


def say(name: str, language: str, **params: object) -> str:
    """Return the sentence of that name in "en" or "zh"."""
    return _SENTENCES[name][language].format(**params)


def consent(level: str, program: str, language: str) -> str:
    """Return the question whether programs in ``program``, a programming language, may be run at ``level``."""
    return say("consent", language, code=program, level=_LEVELS[level][language])
